//! A source block whose rows are no wider than the page: a label that does not fit beside its marks hangs below
//! them, as rustc hangs the labels of marks that meet.
//!
//! Works on the rows as annotate-snippets draws them, which breaks no label. It knows of them only their rail and
//! that a label ends its row.

use super::width::{width, wrapped};

/// Columns that a label has at the least where it needs several lines.
const ROOM: usize = 72;

/// The rows of `block`, with those broken that are wider than `page`.
pub(super) fn fit(block: &str, labels: &[String], page: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for row in block.lines().filter(|row| !row.trim().is_empty()) {
        let row = row.trim_end();
        let label = labels.iter().filter(|label| !label.is_empty()).find_map(|label| {
            let at = row.rfind(label.as_str())?;
            (width(&row[at + label.len()..]) == 0).then_some((at, label))
        });
        match label {
            Some((at, label)) if width(row) > page => hang(row, at, label, page, &mut rows),
            _ => rows.push(row.to_owned()),
        }
    }
    rows
}

/// Hangs the `label` that stands at the byte `at` of `row`.
fn hang(row: &str, at: usize, label: &str, page: usize, rows: &mut Vec<String>) {
    let (marks, behind) = (&row[..at], &row[at + label.len()..]);
    let Some((gutter, last)) = gutter(marks) else {
        rows.push(row.to_owned());
        return;
    };
    // The label's own style is what was switched on just before it.
    let style = &marks[marks.trim_end_matches(|c: char| c != ' ').len()..];
    let style = if style.starts_with('\u{1b}') { style } else { "" };
    let marks = marks[..marks.len() - style.len()].trim_end();
    let left = width(&gutter) + 1;
    let wanted = width(label);
    let start = start_of_last_run(marks).max(left);
    // Below its mark, or as far to the left as it needs to stay one line, if that is enough.
    let needs = if left + wanted <= page { wanted } else { wanted.min(ROOM) };
    let start = start.min(page.saturating_sub(needs)).max(left);
    let room = page.saturating_sub(start).max(ROOM / 4);
    let is_last = last != gutter;
    let begun = rows.len();
    if width(marks) > width(&gutter) {
        rows.push(marks.replacen(&last, &gutter, 1));
    }
    for line in wrapped(label, room, room) {
        rows.push(format!("{gutter}{}{style}{line}{behind}", " ".repeat(start - width(&gutter))));
    }
    if let (true, Some(end)) = (is_last, rows[begun..].last_mut()) {
        *end = end.replacen(&gutter, &last, 1);
    }
}

/// What stands left of the marks, up to the rail: as it is where the block goes on, and as it is in this row.
fn gutter(row: &str) -> Option<(String, String)> {
    for rail in ["\u{2502}", "|"] {
        if let Some(at) = row.find(rail) {
            let gutter = row[..at + rail.len()].to_owned();
            return Some((gutter.clone(), gutter));
        }
    }
    let at = row.find("\u{2570}\u{2574}")?;
    Some((format!("{}\u{2502} ", &row[..at]), row[..at + "\u{2570}\u{2574}".len()].to_owned()))
}

/// The column at which the last run of characters of `marks` begins.
fn start_of_last_run(marks: &str) -> usize {
    width(marks.rsplit_once(' ').map_or("", |(before, _)| before)) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(block: &str, labels: &[&str]) -> String {
        let labels: Vec<String> = labels.iter().map(|label| (*label).to_owned()).collect();
        fit(block, &labels, 50).join("\n")
    }

    #[test]
    fn a_label_that_fits_stays() {
        let block = "1 | f();\n  | ^^^ here";
        assert_eq!(fitted(block, &["here"]), block);
    }

    #[test]
    fn a_wide_label_hangs_below_its_marks() {
        let block = "1 | f();\n  |       ^^^ (1) `worker` waits for what never comes again";
        let label = "(1) `worker` waits for what never comes again";
        let hung = "1 | f();\n  |       ^^^\n  |  (1) `worker` waits for what never comes again";
        assert_eq!(fitted(block, &[label]), hung);
    }

    #[test]
    fn where_the_page_ends_it_moves_to_the_left() {
        let block = format!("  |{}^^^ (1) it waits for ever", " ".repeat(40));
        let hung = format!("  |{}^^^\n  |{}(1) it waits for ever", " ".repeat(40), " ".repeat(26));
        assert_eq!(fitted(&block, &["(1) it waits for ever"]), hung);
    }

    #[test]
    fn the_last_rail_stays_last_and_styles_stay_on() {
        let label = "a label that is too long for its page, and longer";
        let block =
            format!("  \u{2570}\u{2574}   \u{1b}[1m\u{2501}\u{2501}\u{1b}[0m \u{1b}[1m{label}\u{1b}[0m");
        let hung = "  \u{2502}    \u{1b}[1m\u{2501}\u{2501}\u{1b}[0m\n  \u{2502}  \u{1b}[1ma label that is too long for its page, and\u{1b}[0m\n  \u{2570}\u{2574} \u{1b}[1mlonger\u{1b}[0m";
        assert_eq!(fitted(&block, &[label]), hung);
    }
}
