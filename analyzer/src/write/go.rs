//! The report in Go's form: a race as ThreadSanitizer's Go reports have it, everything else as the runtime dies, with
//! a dump of the goroutines. Without addresses and offsets, which do not exist here.

use crate::describe::{Call, Goroutine, Report};
use std::io::{self, Write};

/// The rule around a race.
const RULE: &str = "==================";

/// Draws `report` as Go would print it, and how to replay it behind that; if `verbose`, with all frames of its stacks.
///
/// # Errors
/// If `out` cannot be written.
#[inline]
pub fn go(report: &Report, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let this = &report.in_go;
    if this.race.is_empty() {
        writeln!(out, "{}\n", this.lead)?;
        dump(&this.goroutines, "\t", verbose, out)?;
    } else {
        writeln!(out, "{RULE}\n{}", this.lead)?;
        for access in &this.race {
            writeln!(out, "{}:", access.title)?;
            indented(&access.stack, verbose, out)?;
            writeln!(out)?;
        }
        created(&this.goroutines, verbose, out)?;
        writeln!(out, "{RULE}")?;
    }
    if let Some(words) = left_out(report).filter(|_| !verbose) {
        writeln!(out, "{words}")?;
    }
    writeln!(out, "gorace replay {}", super::short(&report.replay))
}

/// Says how many frames are folded, if any are.
pub(super) fn left_out(report: &Report) -> Option<String> {
    match report.in_go.folded() {
        0 => None,
        1 => Some("1 more frame, of std or a dependency (-v shows it)".to_owned()),
        n => Some(format!("{n} more frames, of std and dependencies (-v shows them)")),
    }
}

/// The goroutines, one after the other, an empty line behind each; `indent` stands before places.
pub(super) fn dump(
    goroutines: &[Goroutine],
    indent: &str,
    verbose: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    for goroutine in goroutines {
        writeln!(out, "goroutine {} [{}]:", goroutine.number, goroutine.state)?;
        for call in shown(&goroutine.stack, verbose) {
            writeln!(out, "{}()\n{indent}{}:{}", call.function, call.file, call.line)?;
        }
        if let Some((by, stack)) = &goroutine.created
            && let Some(call) = shown(stack, false).next()
        {
            writeln!(
                out,
                "created by {} in goroutine {by}\n{indent}{}:{}",
                call.function, call.file, call.line
            )?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Where the goroutines of a race come from.
pub(super) fn created(goroutines: &[Goroutine], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for goroutine in goroutines {
        let Some((_, stack)) = &goroutine.created else { continue };
        writeln!(out, "Goroutine {} ({}) created at:", goroutine.number, goroutine.state)?;
        indented(stack, verbose, out)?;
    }
    Ok(())
}

pub(super) fn indented(stack: &[Call], verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    for call in shown(stack, verbose) {
        writeln!(out, "  {}()\n      {}:{}", call.function, call.file, call.line)?;
    }
    Ok(())
}

fn shown(stack: &[Call], verbose: bool) -> impl Iterator<Item = &Call> {
    stack.iter().filter(move |call| verbose || !call.folded)
}
