//! Running the program: its output, its end.

use crate::Exit;
use crate::error::{CliError, Outcome};
use std::collections::VecDeque;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};

/// Bytes of standard error that are kept.
const TAIL: usize = 64 << 10;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The program that runs, or less than 0 for all of its group; 0 for none.
static RUNNING: AtomicI32 = AtomicI32::new(0);
/// The file that asks it to stop, if it looks for one.
static STOP: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Lets an interrupt end the program that runs, and us only after we have said what there is to say.
pub fn survive_interrupts() {
    // Without a handler an interrupt ends us at once, as it would anybody.
    let _ = ctrlc::set_handler(|| {
        let is_first = !INTERRUPTED.swap(true, SeqCst);
        if !(is_first && ask_to_stop()) {
            pass_on(RUNNING.load(SeqCst));
        }
    });
}

/// Asks the program to keep what is left to do; whether it can be asked.
fn ask_to_stop() -> bool {
    let stop = STOP.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(file) = &*stop else { return false };
    let is_asked = std::fs::write(file, "").is_ok();
    if is_asked {
        eprintln!("gorace: interrupted: keeping what is left to do; interrupt once more to end at once");
    }
    is_asked
}

/// Interrupts the program too: a terminal does that itself, whoever signals us alone does not.
fn pass_on(program: i32) {
    #[cfg(unix)]
    if program != 0 {
        use nix::sys::signal::{Signal, kill};
        // It may have ended by itself.
        let _ = kill(nix::unistd::Pid::from_raw(program), Signal::SIGINT);
    }
    #[cfg(not(unix))]
    let _ = program;
}

/// Starts the program, so that interrupts reach it from now on, or all of the group that it leads.
fn start(command: &mut Command, is_group: bool) -> Outcome<Child> {
    let child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    let number = i32::try_from(child.id()).unwrap_or(0);
    let number = if is_group { -number } else { number };
    RUNNING.store(number, SeqCst);
    // One that came before the program was known.
    if is_interrupted() {
        pass_on(number);
    }
    Ok(child)
}

/// Waits for the program's end.
fn wait(command: &Command, child: &mut Child) -> Outcome<ExitStatus> {
    let status = child.wait();
    RUNNING.store(0, SeqCst);
    status.map_err(|error| cannot_start(command, &error))
}

/// Whether the user interrupted.
pub fn is_interrupted() -> bool {
    INTERRUPTED.load(SeqCst)
}

/// Somebody whom we waited for has ended so: if by an interrupt, it was meant for us too, and may be known there first.
pub fn note_end(status: ExitStatus) {
    #[cfg(unix)]
    if std::os::unix::process::ExitStatusExt::signal(&status) == Some(nix::sys::signal::Signal::SIGINT as i32)
    {
        INTERRUPTED.store(true, SeqCst);
    }
    #[cfg(not(unix))]
    let _ = status;
}

/// How a program ended, and the last that it said.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stderr: String,
}

impl Ended {
    /// The exit code; `None` after a signal.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// `exit code 3`, `signal 9`.
    pub fn how(&self) -> String {
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt as _;
            if let Some(signal) = self.status.signal() {
                let name = match signal {
                    6 => " (SIGABRT)",
                    9 => " (SIGKILL: perhaps out of memory)",
                    11 => " (SIGSEGV)",
                    15 => " (SIGTERM)",
                    _ => "",
                };
                return format!("signal {signal}{name}");
            }
        }
        self.code().map_or_else(|| "an unknown end".to_owned(), |code| format!("exit code {code}"))
    }
}

/// Runs a program whose output nobody is to see, but for the tail of its standard error if it ends badly.
///
/// # Errors
/// If it cannot be started.
pub fn run_hidden(command: &mut Command, show: bool) -> Outcome<Ended> {
    let (out, err) =
        if show { (Stdio::inherit(), Stdio::inherit()) } else { (Stdio::null(), Stdio::piped()) };
    let mut child = start(command.stdin(Stdio::null()).stdout(out).stderr(err), false)?;
    let stderr = tail(&mut child);
    let status = wait(command, &mut child)?;
    Ok(Ended { status, stderr })
}

/// Runs a program with our own input and output.
///
/// # Errors
/// If it cannot be started.
pub fn run_visible(command: &mut Command) -> Outcome<ExitStatus> {
    let mut child = start(command, false)?;
    wait(command, &mut child)
}

/// Runs tests that keep what is left to do when they are interrupted: by the file `stop`, since a signal would end them.
///
/// # Errors
/// If they cannot be started.
pub fn run_stoppable(command: &mut Command, stop: &Path) -> Outcome<ExitStatus> {
    command.env("GORACE_STOP", stop);
    #[cfg(unix)]
    {
        // What a terminal sends goes to us alone. Whoever is in another group than ours must not read from it.
        std::os::unix::process::CommandExt::process_group(command, 0);
        if std::io::IsTerminal::is_terminal(&std::io::stdin()) {
            command.stdin(Stdio::null());
        }
    }
    let set = |stop| *STOP.lock().unwrap_or_else(PoisonError::into_inner) = stop;
    set(Some(stop.to_owned()));
    let ended = start(command, cfg!(unix)).and_then(|mut child| wait(command, &mut child));
    set(None);
    ended
}

fn cannot_start(command: &Command, error: &std::io::Error) -> CliError {
    CliError::new(Exit::Internal, format!("cannot run {}: {error}", command.get_program().to_string_lossy()))
}

/// Reads standard error to its end and keeps the last of it.
fn tail(child: &mut Child) -> String {
    let Some(mut pipe) = child.stderr.take() else { return String::new() };
    let mut kept: VecDeque<u8> = VecDeque::new();
    let mut buffer = [0; 8192];
    while let Ok(n) = pipe.read(&mut buffer) {
        if n == 0 {
            break;
        }
        kept.extend(&buffer[..n]);
        let excess = kept.len().saturating_sub(TAIL);
        kept.drain(..excess);
    }
    String::from_utf8_lossy(kept.make_contiguous()).into_owned()
}
