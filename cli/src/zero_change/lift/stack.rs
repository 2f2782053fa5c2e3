//! A call stack as readers see it: the user's own calls, and between them the folded ones, which `-v` shows.

use super::place::frame;
use crate::zero_change::symbols::{Call, Whose};
use gorace_analyzer::source::Sources;
use gorace_analyzer::{Frame, OpKind};

/// The frames of a stack, innermost first. Not folded is the call at `site`, where a reader should look, and what of
/// the user's leads there; of an access in a dependency also the dependency's own line, which then comes first.
pub fn frames(calls: &[Call], site: &Call, op: OpKind, sources: &dyn Sources) -> Vec<Frame> {
    let is_site = |call: &Call| (&call.file, call.line, call.column) == (&site.file, site.line, site.column);
    let at = calls.iter().position(is_site).unwrap_or(calls.len());
    let is_access = matches!(op, OpKind::Read | OpKind::Write);
    let inner = calls.iter().position(|call| call.whose != Whose::Std).filter(|_| is_access);
    let one = |(ix, call): (usize, &Call)| {
        let is_headline = ix == at || Some(ix) == inner;
        let op = if is_headline { op } else { OpKind::Yield };
        let folded = !is_headline && (ix < at || call.whose != Whose::User);
        Frame { folded, ..frame(call, op, sources) }
    };
    calls.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::frames;
    use crate::zero_change::symbols::{Call, Whose};
    use gorace_analyzer::OpKind;
    use gorace_analyzer::source::MapSources;

    fn call(function: &str, whose: Whose) -> Call {
        let line = function.len() as u32;
        Call { function: function.to_owned(), file: "a.rs".to_owned(), line, column: 1, whose }
    }

    /// The functions of a stack that are shown without `-v`.
    fn shown(calls: &[Call], site: usize, op: OpKind) -> Vec<String> {
        let frames = frames(calls, &calls[site], op, &MapSources::default());
        assert_eq!(frames.len(), calls.len(), "nothing is lost");
        frames.into_iter().filter(|frame| !frame.folded).filter_map(|frame| frame.function).collect()
    }

    #[test]
    fn what_is_not_the_users_is_folded() {
        use Whose::{Dependency, Std, User};
        let calls = [call("1", Std), call("22", Dependency), call("333", User), call("4444", Dependency)];
        let calls = [&calls[..], &[call("55555", User), call("666666", Std)]].concat();
        assert_eq!(shown(&calls, 2, OpKind::Lock), ["333", "55555"]);
        // A race in a dependency is the dependency's, and the user's call led there.
        assert_eq!(shown(&calls, 2, OpKind::Write), ["22", "333", "55555"]);
        assert_eq!(shown(&calls[..2], 1, OpKind::Lock), ["22"], "where nothing is the user's");
    }
}
