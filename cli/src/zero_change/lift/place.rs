//! The column that a reader should look at.
//!
//! Debug information gives the beginning of an expression; reports of the library door have the method's name, as
//! `#[track_caller]` does. So the name of the method is looked for on the line.

use crate::zero_change::symbols::Call;
use gorace_analyzer::source::{self, Sources};
use gorace_analyzer::{Frame, OpKind};

/// Methods that an operation may be written as.
fn methods(op: OpKind) -> &'static [&'static str] {
    match op {
        OpKind::Lock => &["lock", "wait", "wait_while", "wait_timeout"],
        OpKind::TryLock | OpKind::TryLockFail => &["try_lock"],
        OpKind::ReadLock => &["read"],
        OpKind::WriteLock => &["write"],
        OpKind::Wait => &["wait", "wait_while", "wait_timeout", "wait_timeout_while"],
        OpKind::NotifyOne => &["notify_one"],
        OpKind::NotifyAll => &["notify_all"],
        OpKind::Send => &["send"],
        OpKind::Recv => &["recv", "recv_timeout"],
        OpKind::Load => &["load"],
        OpKind::Store => &["store"],
        OpKind::Rmw | OpKind::CasFail => {
            &["fetch_add", "fetch_sub", "swap", "compare_exchange", "compare_exchange_weak"]
        }
        OpKind::Join => &["join"],
        OpKind::Spawn => &["spawn"],
        OpKind::BarrierWait => &["wait"],
        OpKind::OnceBegin => &["call_once", "get_or_init"],
        OpKind::Unpark => &["unpark"],
        _ => &[],
    }
}

/// The call as a frame, for an event of this kind.
pub fn frame(call: &Call, op: OpKind, sources: &dyn Sources) -> Frame {
    let column = sources
        .text(&call.file)
        .and_then(|text| {
            source::line(&text, call.line).and_then(|line| column_of(line, call.column, methods(op)))
        })
        .unwrap_or(call.column);
    let function = (!call.function.is_empty()).then(|| call.function.clone());
    Frame { file: call.file.clone(), line: call.line, column, function, folded: false }
}

/// The column of the first of the methods that is called at or behind `column`, all counted from 1.
fn column_of(line: &str, column: u32, methods: &[&str]) -> Option<u32> {
    let chars: Vec<char> = line.chars().collect();
    let from = (column as usize).saturating_sub(1);
    let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
    (from..chars.len()).find_map(|at| {
        let before = at.checked_sub(1).map(|before| chars[before]);
        let begins = matches!(before, Some('.' | ':')) && is_word(&chars[at]);
        let word: String = chars[at..].iter().take_while(|c| is_word(c)).collect();
        (begins && methods.contains(&word.as_str())).then_some(at as u32 + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::column_of;

    #[test]
    fn the_methods_name_is_found_behind_the_expressions_beginning() {
        assert_eq!(column_of("    let a = self.b.lock().unwrap();", 13, &["lock"]), Some(20));
        assert_eq!(column_of("thread::spawn(move || x.lock());", 1, &["spawn"]), Some(9));
        assert_eq!(column_of("locks.push(1)", 1, &["lock"]), None);
    }
}
