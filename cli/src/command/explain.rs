//! `gorace explain`.

use crate::args::Explain;
use crate::error::{CliError, Outcome};
use crate::print::put;
use crate::{Exit, suggest};
use gorace_analyzer::verdict::Limit;
use gorace_analyzer::{Code, explain as texts};

/// Columns of a paragraph.
const WIDTH: usize = 100;

/// Prints the long text of a code or of a limit, or the list of both.
pub fn explain(args: &Explain) -> Outcome {
    let Some(wanted) = args.code.as_deref().filter(|_| !args.list) else {
        for code in Code::ALL {
            put(format!("{}  {:<17} {}\n", code.code(), code.word(), code.title()).as_bytes());
        }
        let limits: Vec<&str> = Limit::ALL.iter().map(|limit| limit.word()).collect();
        put(paragraph(&format!("\nlimits of verdicts: {}", limits.join(", "))).as_bytes());
        return Ok(Exit::Clean);
    };
    if let Some(code) = Code::parse(wanted) {
        put(texts::text(code).as_bytes());
    } else if let Some(limit) = Limit::ALL.iter().find(|limit| limit.word() == wanted) {
        put(format!("# {}: a limit of a verdict\n\n{}", limit.word(), paragraph(limit.meaning())).as_bytes());
    } else {
        let names = Code::ALL.iter().flat_map(|code| [code.code(), code.word()]);
        let names = names.chain(Limit::ALL.iter().map(|limit| limit.word()));
        let near = suggest::near(wanted, names);
        let message = format!("expected a code such as GR0001, or a limit such as spin_cut, got `{wanted}`");
        let error = CliError::new(Exit::BadCommandLine, message);
        return Err(match near.first() {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("gorace explain --list shows all codes and limits"),
        });
    }
    Ok(Exit::Clean)
}

/// The text in lines.
fn paragraph(text: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for (i, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if i > 0 {
            let fits = column + 1 + length <= WIDTH;
            lines.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        lines.push_str(word);
        column += length;
    }
    lines + "\n"
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, explain, paragraph};
    use crate::Exit;
    use crate::args::Explain;
    use gorace_analyzer::verdict::Limit;

    #[test]
    fn each_limit_is_explained() {
        for limit in Limit::ALL {
            let args = Explain { code: Some(limit.word().to_owned()), list: false };
            assert_eq!(explain(&args).expect("a text"), Exit::Clean);
            let text = paragraph(limit.meaning());
            assert!(text.lines().all(|line| line.chars().count() <= WIDTH && line.trim() == line), "{text}");
            assert_eq!(text.split_whitespace().count(), limit.meaning().split_whitespace().count());
        }
    }

    #[test]
    fn a_limit_that_is_misspelt_is_suggested() {
        let error = explain(&Explain { code: Some("spin_cat".to_owned()), list: false }).expect_err("none");
        assert_eq!(error.exit(), Exit::BadCommandLine);
        assert!(error.to_string().contains("did you mean `spin_cut`?"), "{error}");
    }
}
