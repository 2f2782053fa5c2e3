//! `gorace split`: what is left of explorations, divided among machines.
//!
//! Each share's folder is all that a machine needs beside the test binary. `latest` in it names the run `run`, so that
//! whoever runs the binary itself calls its run so.

use crate::Exit;
use crate::args::Split as Args;
use crate::error::{CliError, Outcome};
use crate::reports::write_whole;
use crate::rounds::{self, REST, RESUME, share_folder};
use gorace_engine::explore::ResumeFile;

/// See the module.
pub fn split(args: &Args) -> Outcome {
    let (round, of) = (&args.output, args.shares);
    let files = rounds::of_folder(&args.frontier)?;
    if round.join(REST).exists() {
        let message = format!("{} is the folder of another round", round.display());
        return Err(CliError::new(Exit::BadCommandLine, message).hint("name a new one"));
    }
    let mut divided = Vec::new();
    for (path, file) in &files {
        let refuse = |why: &str| {
            CliError::new(Exit::BadCommandLine, format!("cannot divide {}: {why}", path.display()))
        };
        if file.share.is_some() {
            return Err(refuse("it is a share already").hint("gorace merge joins the shares of its round"));
        }
        if file.setting("strategy") != Some("exhaustive") {
            return Err(refuse("it is not an exhaustive exploration")
                .hint("random schedules are shared by gorace test --shard I/N"));
        }
        let shares = rounds::divide(file, of).map_err(|error| rounds::damaged(path, &error))?;
        divided.push((path.file_name().unwrap_or_default(), shares));
    }
    for index in (0..=of).rev() {
        let folder = if index == 0 { round.join(REST) } else { share_folder(round, index) };
        for (name, shares) in &divided {
            write_whole(&folder.join(RESUME).join(name), shares[index as usize].to_string().as_bytes())?;
        }
        if index > 0 {
            write_whole(&folder.join("latest"), b"run\n")?;
        }
    }
    for (_, shares) in &divided {
        eprintln!("gorace: {}", words(shares));
    }
    Ok(Exit::Clean)
}

/// How a search was divided.
fn words(shares: &[ResumeFile]) -> String {
    let (title, of) = (&shares[0].program.1, shares.len() - 1);
    let given = shares[1..].iter().map(|share| share.searches.len()).sum::<usize>();
    let empty = shares[1..].iter().filter(|share| share.searches.is_empty()).count();
    let waiting = shares[0].searches.len();
    let mut words = format!("`{title}`: {given} parts in {of} shares");
    if empty > 0 {
        words += &format!(", {empty} of them empty");
    }
    if waiting > 0 {
        words += &format!("; {waiting} parts wait");
    }
    words
}
