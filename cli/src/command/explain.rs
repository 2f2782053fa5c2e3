//! `gorace explain`.

use crate::args::Explain;
use crate::error::{CliError, Outcome};
use crate::print::put;
use crate::{Exit, suggest};
use gorace_analyzer::{Code, explain as texts};

/// Prints a code's long text, or the list of codes.
pub fn explain(args: &Explain) -> Outcome {
    let Some(wanted) = args.code.as_deref().filter(|_| !args.list) else {
        for code in Code::ALL {
            put(format!("{}  {:<17} {}\n", code.code(), code.word(), code.title()).as_bytes());
        }
        return Ok(Exit::Clean);
    };
    let Some(code) = Code::parse(wanted) else {
        let names = Code::ALL.iter().flat_map(|code| [code.code(), code.word()]);
        let near = suggest::near(wanted, names);
        let error =
            CliError::new(Exit::BadCommandLine, format!("expected a code such as GR0001, got `{wanted}`"));
        return Err(match near.first() {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("gorace explain --list shows all codes"),
        });
    };
    put(texts::text(code).as_bytes());
    Ok(Exit::Clean)
}
