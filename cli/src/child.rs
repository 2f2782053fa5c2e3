//! Running the program: its output, its end.

use crate::Exit;
use crate::error::{CliError, Outcome};
use std::collections::VecDeque;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

/// Bytes of standard error that are kept.
const TAIL: usize = 64 << 10;

static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// The program that runs; 0 for none.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// Lets an interrupt end the program that runs, and us only after we have said what there is to say.
pub fn survive_interrupts() {
    // Without a handler an interrupt ends us at once, as it would anybody.
    let _ = ctrlc::set_handler(|| {
        INTERRUPTED.store(true, SeqCst);
        pass_on(RUNNING.load(SeqCst));
    });
}

/// Interrupts the program too: a terminal does that itself, whoever signals us alone does not.
fn pass_on(program: u32) {
    #[cfg(unix)]
    if let Some(program) = i32::try_from(program).ok().filter(|program| *program > 0) {
        use nix::sys::signal::{Signal, kill};
        // It may have ended by itself.
        let _ = kill(nix::unistd::Pid::from_raw(program), Signal::SIGINT);
    }
    #[cfg(not(unix))]
    let _ = program;
}

/// Starts the program, so that interrupts reach it from now on.
fn start(command: &mut Command) -> Outcome<Child> {
    let child = command.spawn().map_err(|error| cannot_start(command, &error))?;
    RUNNING.store(child.id(), SeqCst);
    // One that came before the program was known.
    if is_interrupted() {
        pass_on(child.id());
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
    let mut child = start(command.stdin(Stdio::null()).stdout(out).stderr(err))?;
    let stderr = tail(&mut child);
    let status = wait(command, &mut child)?;
    Ok(Ended { status, stderr })
}

/// Runs a program with our own input and output.
///
/// # Errors
/// If it cannot be started.
pub fn run_visible(command: &mut Command) -> Outcome<ExitStatus> {
    let mut child = start(command)?;
    wait(command, &mut child)
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
