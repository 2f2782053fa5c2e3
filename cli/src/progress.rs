//! Something to look at while a long exploration runs: a line that moves on a terminal, a plain one now and then in CI.
//!
//! The program writes how far it is into a file; a thread of ours reads it. Nothing is shown where standard error is
//! neither a terminal nor CI's log.

use gorace_analyzer::verdict::Grouped;
use indicatif::ProgressBar;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Between two looks.
const LOOK: Duration = Duration::from_millis(250);
/// Looks between two plain lines: half a minute.
const LOOKS: u32 = 120;

/// See the module.
pub struct Progress {
    file: PathBuf,
    watch: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Watches the file `progress` of a run's folder. On a terminal only what prints nothing itself can have a line that
    /// moves.
    pub fn watch(folder: &Path, title: &str, prints: bool) -> Self {
        let file = folder.join("progress");
        let is_terminal = std::io::stderr().is_terminal();
        let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
        let watch = match (is_terminal, prints) {
            (true, false) => {
                let bar = ProgressBar::new_spinner().with_message(format!("exploring `{title}`"));
                bar.enable_steady_tick(Duration::from_millis(120));
                Some(start(file.clone(), Some(bar)))
            }
            (false, _) if is_ci => Some(start(file.clone(), None)),
            _ => None,
        };
        Progress { file, watch }
    }

    /// The variable that makes a program tell.
    pub fn variable(&self) -> Option<(&'static str, &Path)> {
        self.watch.as_ref().map(|_| ("GORACE_PROGRESS", self.file.as_path()))
    }

    /// Ends it, and takes away what it showed.
    pub fn end(self) {
        if let Some((stop, thread)) = self.watch {
            drop(stop);
            // It panics only if standard error does.
            let _ = thread.join();
        }
        // There may be none.
        let _ = std::fs::remove_file(self.file);
    }
}

fn start(file: PathBuf, bar: Option<ProgressBar>) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let thread = std::thread::spawn(move || {
        for look in 1.. {
            if stopped.recv_timeout(LOOK) != Err(RecvTimeoutError::Timeout) {
                break;
            }
            let Some(words) = std::fs::read_to_string(&file).ok().and_then(|text| words(&text)) else {
                continue;
            };
            match &bar {
                Some(bar) => bar.set_message(words),
                None if look % LOOKS == 0 => eprintln!("gorace: {words}"),
                None => {}
            }
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
    });
    (stop, thread)
}

/// What the file says, in words; nothing if it is half a file.
fn words(text: &str) -> Option<String> {
    let (title, numbers) = text.strip_suffix('\n')?.split_once('\n')?;
    let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().ok()).collect::<Option<_>>()?;
    let &[executions, max_executions, elapsed, timeout, findings, searched, all] = numbers.as_slice() else {
        return None;
    };
    let share = |part: u64, of: u64| part as f64 / of.max(1) as f64;
    let used = share(executions, max_executions).max(share(elapsed, timeout)).clamp(0.0, 1.0);
    let rate = executions.saturating_mul(1_000) / elapsed.max(1);
    let seconds = elapsed as f64 / 1_000.0;
    // As fast as until now, and no longer than the timeout.
    let left = if used > 0.0 { seconds / used - seconds } else { 0.0 };
    let s = |n: u64| if n == 1 { "" } else { "s" };
    // What was found by chance besides is no part of the tree.
    let tree = match all {
        0 => String::new(),
        _ => format!("about {:.0} % of the interleavings, ", share(searched, all).min(1.0) * 100.0),
    };
    Some(format!(
        "exploring `{title}`: {} execution{}, {} a second, {tree}{:.0} % of the budget, at most {left:.0} s left, {findings} finding{}",
        Grouped(executions),
        s(executions),
        Grouped(rate),
        used * 100.0,
        s(findings),
    ))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_whole_file_is_told_and_half_a_file_is_not() {
        let whole = "tests::a\n12480 20000 4000 30000 1 12480 48000\n";
        let told = "exploring `tests::a`: 12 480 executions, 3 120 a second, about 26 % of the interleavings, 62 % of the budget, at most 2 s left, 1 finding";
        assert_eq!(words(whole).as_deref(), Some(told));
        for end in 0..whole.len() {
            assert_eq!(words(&whole[..end]), None, "cut at {end}");
        }
        assert!(words("a\n0 0 0 0 0 0 0\n").is_some_and(|told| told.contains("second, 0 % of the budget")));
    }
}
