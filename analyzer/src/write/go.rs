//! The report in Go's form: a race as ThreadSanitizer's Go reports have it, everything else as the runtime dies, with
//! a dump of the goroutines. Without addresses and offsets, which do not exist here.

use crate::describe::{Call, Goroutine, Report};
use std::io::{self, Write};

/// The rule around a race.
const RULE: &str = "==================";

/// Draws `report` as Go would print it, and how to replay it behind that.
///
/// # Errors
/// If `out` cannot be written.
#[inline]
pub fn go(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let this = &report.in_go;
    if this.race.is_empty() {
        writeln!(out, "{}\n", this.lead)?;
        dump(&this.goroutines, "\t", out)?;
    } else {
        writeln!(out, "{RULE}\n{}", this.lead)?;
        for access in &this.race {
            writeln!(out, "{}:", access.title)?;
            indented(&access.stack, out)?;
            writeln!(out)?;
        }
        for goroutine in &this.goroutines {
            let Some((_, stack)) = &goroutine.created else { continue };
            writeln!(out, "Goroutine {} ({}) created at:", goroutine.number, goroutine.state)?;
            indented(stack, out)?;
        }
        writeln!(out, "{RULE}")?;
    }
    writeln!(out, "gorace replay {}", super::short(&report.replay))
}

/// The goroutines, one after the other, an empty line behind each; `indent` stands before places.
pub(super) fn dump(goroutines: &[Goroutine], indent: &str, out: &mut dyn Write) -> io::Result<()> {
    for goroutine in goroutines {
        writeln!(out, "goroutine {} [{}]:", goroutine.number, goroutine.state)?;
        for call in &goroutine.stack {
            writeln!(out, "{}()\n{indent}{}:{}", call.function, call.file, call.line)?;
        }
        if let Some((by, stack)) = &goroutine.created
            && let Some(call) = stack.first()
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

fn indented(stack: &[Call], out: &mut dyn Write) -> io::Result<()> {
    for call in stack {
        writeln!(out, "  {}()\n      {}:{}", call.function, call.file, call.line)?;
    }
    Ok(())
}
