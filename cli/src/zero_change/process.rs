//! A running program that waits for requests: its fork server, one for each core.

use crate::Exit;
use crate::child;
use crate::error::{CliError, Outcome};
use gorace_inject::wire::{Answer, RawTrace, Request, SOCKET, TRACE};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::personality::{self, Persona};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How a program is started.
#[derive(Clone)]
pub struct Launch {
    pub executable: PathBuf,
    pub args: Vec<OsString>,
    /// Where it runs, if not where we do.
    pub folder: Option<PathBuf>,
    /// Whether our standard output is for programs to read: what the program prints goes to standard error then.
    pub is_quiet: bool,
    /// The folder of a test's package, which cargo tells it.
    pub package: Option<PathBuf>,
}

/// A server.
pub struct Process {
    child: Child,
    reader: BufReader<UnixStream>,
    folder: PathBuf,
    trace: PathBuf,
}

/// How the library in a program ends it where it cannot go on.
const INTERNAL: i32 = 70;
/// How long a program may take to come to its main.
const START: Duration = Duration::from_secs(30);

/// The cores that this process may use.
pub fn cores() -> Vec<usize> {
    let Ok(set) = sched_getaffinity(Pid::from_raw(0)) else { return vec![0] };
    (0..CpuSet::count()).filter(|core| set.is_set(*core).unwrap_or(false)).collect()
}

impl Process {
    /// Starts the program, on one core.
    ///
    /// # Errors
    /// If it cannot be started, or does not come to its main.
    pub fn start(launch: &Launch, core: usize) -> Outcome<Self> {
        let internal =
            |what: &str, error: &std::io::Error| CliError::new(Exit::Internal, format!("{what}: {error}"));
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("gorace-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).map_err(|error| {
            CliError::new(Exit::BadConfiguration, format!("cannot write to {}: {error}", folder.display()))
                .hint("name another folder for temporary files with the variable TMPDIR")
        })?;
        let (socket, trace) = (folder.join("socket"), folder.join("trace"));
        let listener =
            UnixListener::bind(&socket).map_err(|error| internal("cannot make a socket", &error))?;
        std::fs::write(&trace, "").map_err(|error| internal("cannot make a file for traces", &error))?;
        let mut command = Command::new(&launch.executable);
        if let Some(folder) = &launch.folder {
            command.current_dir(folder);
        }
        command.envs(launch.package.iter().map(|folder| ("CARGO_MANIFEST_DIR", folder)));
        if launch.is_quiet {
            command.stdout(Stdio::from(std::io::stderr()));
        }
        command.args(&launch.args).env(SOCKET, &socket).env(TRACE, &trace);
        // Symbolising its backtraces would cost more than the program.
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        // An interrupt from the terminal is for us, who have something to say first; and we end them.
        command.process_group(0);
        let mut child = at_fixed_addresses(|| command.spawn())
            .map_err(|error| internal("cannot run the program", &error))?;
        let mut set = CpuSet::new();
        if set.set(core).is_ok() {
            // On all cores it is only slower.
            let _ = sched_setaffinity(Pid::from_raw(child.id() as i32), &set);
        }
        let stream = accept(&listener, &mut child)?;
        let stream = match stream {
            Some(stream) => stream,
            None => {
                let status = child.try_wait().ok().flatten();
                let ended = status.map_or_else(|| "it is still busy".to_owned(), |s| s.to_string());
                // It may be gone already.
                let _ = child.kill();
                let _ = child.wait();
                let _ = std::fs::remove_dir_all(&folder);
                let error =
                    CliError::new(Exit::Internal, format!("the program did not come to its main: {ended}"));
                // The library in the program has said why.
                let is_told = status.is_some_and(|status| status.code() == Some(INTERNAL));
                return Err(if is_told {
                    error
                } else {
                    error.hint("it is to be linked dynamically, to glibc: programs linked otherwise cannot be explored")
                });
            }
        };
        Ok(Process { child, reader: BufReader::new(stream), folder, trace })
    }

    /// Sends a request; its answer is to be read before the next one.
    ///
    /// # Errors
    /// If the program is gone.
    pub fn send(&mut self, request: &Request) -> Outcome<()> {
        writeln!(self.reader.get_mut(), "{request}").map_err(|error| gone(&error.to_string()))
    }

    /// Waits for the answer.
    ///
    /// # Errors
    /// If the program is gone, or its runtime cannot go on.
    pub fn answer(&mut self) -> Outcome<Answer> {
        let mut line = String::new();
        loop {
            match self.reader.read_line(&mut line) {
                Ok(0) => return Err(gone("it ended")),
                Ok(_) => break,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(gone(&error.to_string())),
            }
        }
        match Answer::parse(&line) {
            Some(Answer::Broken(why)) => {
                Err(CliError::new(Exit::Internal, format!("the program cannot be explored: {why}")))
            }
            Some(answer) => Ok(answer),
            None => Err(gone(&format!("it said `{}`", line.trim()))),
        }
    }

    /// The trace that the last answer spoke of.
    ///
    /// # Errors
    /// If it is damaged, or the disk was full.
    pub fn trace(&self) -> Outcome<RawTrace> {
        let text = std::fs::read_to_string(&self.trace).map_err(|error| gone(&error.to_string()))?;
        RawTrace::parse(&text).map_err(|error| {
            let folder = self.folder.display();
            CliError::new(
                Exit::BadConfiguration,
                format!("cannot read what an execution left in {folder}: {error}"),
            )
            .hint("if the disk is full, name another folder for temporary files with the variable TMPDIR")
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A server ends with its socket; one that is busy does not read.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Calls `f` so that what it starts has its libraries at the same addresses each time, where the system permits that.
fn at_fixed_addresses<T>(f: impl FnOnce() -> T) -> T {
    let own = personality::get();
    if let Ok(own) = own {
        // Where it is refused, all that matters is at fixed addresses all the same: the program, its heap and its stacks.
        let _ = personality::set(own | Persona::ADDR_NO_RANDOMIZE);
    }
    let result = f();
    if let Ok(own) = own {
        let _ = personality::set(own);
    }
    result
}

/// Waits for the program; `None` if it ends, or takes too long.
fn accept(listener: &UnixListener, child: &mut Child) -> Outcome<Option<UnixStream>> {
    let internal =
        |error: std::io::Error| CliError::new(Exit::Internal, format!("cannot use a socket: {error}"));
    listener.set_nonblocking(true).map_err(internal)?;
    let started = Instant::now();
    loop {
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).map_err(internal)?;
                return Ok(Some(stream));
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(internal(error)),
        }
        let is_over =
            child.try_wait().ok().flatten().is_some() || started.elapsed() > START || child::is_interrupted();
        if is_over {
            return Ok(None);
        }
        std::thread::sleep(Duration::from_micros(300));
    }
}

fn gone(why: &str) -> CliError {
    CliError::new(Exit::Internal, format!("the program's server is gone: {why}"))
}
