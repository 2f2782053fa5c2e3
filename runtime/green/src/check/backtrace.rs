//! Places that no caller can tell: an unlock happens in a destructor. In a confirming run they come from a
//! backtrace, which needs debug information and costs a millisecond where it is taken first. A loop comes by the
//! same stack thousands of times: what a stack was called once is kept.

use crate::check::origin::Origin;
use gorace_analyzer::Frame;
use std::backtrace::Backtrace;
use std::cell::RefCell;

thread_local! {
    /// By the hash of a stack's return addresses and of what files are called by, and in its order: as many as a test has places.
    static KNOWN: RefCell<Vec<(u64, Vec<Frame>)>> = RefCell::default();
}

/// The frames of the user's code that lead here, innermost first. Std's and our own are left out.
pub(crate) fn capture(origin: &Origin) -> Vec<Frame> {
    let take = || parse(&Backtrace::force_capture().to_string(), origin);
    let Some(key) = stack::key().map(|stack| origin.hash(stack)) else { return take() };
    KNOWN.with_borrow_mut(|known| {
        let at = known.partition_point(|(other, _)| *other < key);
        if known.get(at).is_none_or(|(other, _)| *other != key) {
            known.insert(at, (key, take()));
        }
        known[at].1.clone()
    })
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod stack {
    use gorace_analyzer::finding::{FNV_START, fnv};

    /// Deeper stacks are not told apart, and so not kept.
    const DEPTH: usize = 256;

    /// A hash of the return addresses on the stack.
    pub fn key() -> Option<u64> {
        let mut addresses = [std::ptr::null_mut(); DEPTH];
        // SAFETY: writes at most `DEPTH` pointers into an array of so many.
        let depth = unsafe { libc::backtrace(addresses.as_mut_ptr(), DEPTH as libc::c_int) };
        let known = addresses.get(..usize::try_from(depth).ok()?).filter(|known| known.len() < DEPTH)?;
        Some(known.iter().fold(FNV_START, |hash, address| fnv(hash, &address.addr().to_le_bytes())))
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod stack {
    pub fn key() -> Option<u64> {
        None
    }
}

/// Reads what std's `Display` for backtraces prints: `  7: function`, then `at file:line:column`.
fn parse(text: &str, origin: &Origin) -> Vec<Frame> {
    let mut frames = Vec::new();
    let mut function = None;
    for line in text.lines().map(str::trim) {
        if let Some(place) = line.strip_prefix("at ") {
            let mut parts = place.rsplitn(3, ':');
            let column = parts.next().and_then(|part| part.parse().ok());
            let row = parts.next().and_then(|part| part.parse().ok());
            if let (Some(file), Some(line), Some(column)) = (parts.next(), row, column) {
                let file = origin.name(file);
                if is_users(&file, function) {
                    let function = function.map(str::to_owned);
                    frames.push(Frame { file, line, column, function, folded: false });
                }
            }
        } else if let Some((number, name)) = line.split_once(": ")
            && number.bytes().all(|byte| byte.is_ascii_digit())
        {
            function = Some(name);
        }
    }
    frames
}

fn is_users(file: &str, function: Option<&str>) -> bool {
    let foreign = ["/rustc/", "/library/std/", "/library/core/", "/library/alloc/", "/corosensei-"];
    let named = |prefixes: &[&str], text: &str| prefixes.iter().any(|prefix| text.contains(prefix));
    let is_ours = |name: &str| name.trim_start_matches('<').starts_with("gorace::");
    !named(&foreign, file) && !file.contains(our_folder()) && !function.is_some_and(is_ours)
}

/// The folder of our sources as the compiler names it. Where there are line tables and no more debugging
/// information, functions have no path in their names.
fn our_folder() -> &'static str {
    file!().strip_suffix("check/backtrace.rs").filter(|folder| *folder != "src/").unwrap_or("/gorace/src/")
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::check::origin::Origin;

    #[test]
    fn finds_the_users_frames() {
        let text = "   0: gorace::check::backtrace::capture\n             at ./runtime/green/src/check/backtrace.rs:10:5\n   \
                    1: <gorace::sync::mutex::MutexGuard<T> as core::ops::drop::Drop>::drop\n             at ./x.rs:1:2\n   \
                    2: bank::transfer\n             at ./src/bank.rs:24:1\n   \
                    3: core::ops::function::FnOnce::call_once\n             at /rustc/0/library/core/src/ops/function.rs:250:5\n";
        let frames = parse(text, &Origin::default());
        assert_eq!(frames.len(), 1);
        let frame = &frames[0];
        assert_eq!((frame.file.as_str(), frame.line, frame.column), ("src/bank.rs", 24, 1));
        assert_eq!(frame.function.as_deref(), Some("bank::transfer"));
    }

    #[test]
    fn leaves_out_our_frames_where_names_have_no_path() {
        let text = format!(
            "   0: poll\n             at ./{}:10:5\n   1: transfer\n             at ./src/bank.rs:24:1\n",
            file!()
        );
        let frames = parse(&text, &Origin::default());
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].file, "src/bank.rs");
    }
}
