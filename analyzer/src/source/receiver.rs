//! On what a method is called.

use super::scan::{is_identifier, is_word};

/// The last name before the method at `line`, `column` (both counted from 1) of `text`: `hours` for the `load` of
/// `self.hours.load(..)`. `None` if it is no method of something that has a name.
///
/// ```
/// use gorace_analyzer::source::receiver;
/// assert_eq!(receiver("let h = self.hours.load(SeqCst);", 1, 20).as_deref(), Some("hours"));
/// assert_eq!(receiver("let h = hours().load(SeqCst);", 1, 17), None);
/// ```
pub fn receiver(text: &str, line: u32, column: u32) -> Option<String> {
    let before = super::line(text, line)?.chars().take((column as usize).checked_sub(1)?).collect::<String>();
    let before = before.trim_end().strip_suffix('.')?;
    let from = before.char_indices().rev().take_while(|(_, c)| is_word(*c)).last()?.0;
    is_identifier(&before[from..]).then(|| before[from..].to_owned())
}
