//! The interleaving as columns.

use crate::describe::{Cell, Row, Timeline};
use crate::write::text::Pen;
use crate::write::width::{width, wrapped};
use gorace_analyzer_core::Listed;
use gorace_analyzer_core::verdict::Counted;
use std::io::{self, Write};

/// Draws it with at most `rows` rows below the tasks' names, where that can be.
pub(crate) fn draw(timeline: &Timeline, rows: usize, pen: &Pen<'_>, out: &mut dyn Write) -> io::Result<()> {
    let s = if timeline.forced == 1 { "" } else { "es" };
    // That none are needed goes without saying.
    let minimal = match (timeline.forced, timeline.minimal) {
        (0, _) => "",
        (_, true) => ", minimal: proven",
        (_, false) => ", minimal: not proven",
    };
    let title = format!(
        "shortest interleaving ({} of {}, {} forced switch{s}{minimal}):",
        timeline.shown,
        Counted(timeline.of as u64, "step"),
        timeline.forced
    );
    writeln!(out, "{}", pen.palette.rail(&title))?;
    let headers = headers(timeline, pen.options.width);
    let widths = widths(timeline, &headers, pen);
    let mut header = "      ".to_owned();
    for ((column, name), columns) in timeline.columns.iter().zip(&headers).zip(&widths) {
        header.push_str(&pen.palette.task(column.task.0, name));
        header.push_str(&" ".repeat((columns + 2).saturating_sub(width(name))));
    }
    writeln!(out, "{}", header.trim_end())?;
    for row in &folded(&timeline.rows, rows) {
        match row {
            Row::Folded(n) => writeln!(out, "      ... {n} more steps (-v shows them)")?,
            Row::Others(n) => {
                let s = if *n == 1 { "" } else { "s" };
                writeln!(out, "      ... {n} step{s} of tasks that have no column here")?;
            }
            Row::End(text) => {
                let cross = if pen.options.ascii { "X" } else { "\u{2717}" };
                let room = pen.options.width.saturating_sub(NUMBERS + 2);
                let text = wrapped(text, room, room).join("\n        ");
                writeln!(out, "      {} {text}", pen.palette.error(cross))?;
            }
            Row::Beside { number, task, cell } => {
                let room = pen.options.width.saturating_sub(NUMBERS);
                let text = wrapped(&cell_text(cell, pen), room, room.saturating_sub(2));
                write!(out, "{number:>4}  ")?;
                writeln!(out, "{}", pen.palette.task(task.0, &text.join("\n        ")))?;
            }
            Row::Step { number, column, cell, starts, .. } => {
                let task = timeline.columns[*column].task.0;
                let room = pen.options.width.saturating_sub(NUMBERS);
                let text = shortened(&cell_text(cell, pen), room);
                // What would end beyond the page begins further to the left.
                let start = offset(&widths, *column).min(room.saturating_sub(width(&text)));
                let mut drawn = format!("{number:>4}  {}", " ".repeat(start));
                drawn.push_str(&pen.palette.task(task, &text));
                let used = width(&text);
                match starts.filter(|to| to > column) {
                    Some(to) => {
                        let gap = offset(&widths, to).saturating_sub(start + used);
                        let (dash, head) =
                            if pen.options.ascii { ("-", ">") } else { ("\u{254c}", "\u{25b8}") };
                        drawn.push_str(&format!(" {}{head} ", dash.repeat(gap.saturating_sub(3))));
                        drawn.push_str(&pen.palette.task(timeline.columns[to].task.0, "start"));
                    }
                    None => {
                        if let Some(remark) = &cell.remark {
                            let remark = pen.glyphs(remark);
                            let pad = (widths[*column] + 1).saturating_sub(used);
                            let room = pen.options.width.saturating_sub(7 + start + used + pad);
                            if width(&remark) + 2 <= room {
                                drawn.push_str(&format!("{} ({remark})", " ".repeat(pad)));
                            }
                        }
                    }
                }
                writeln!(out, "{}", drawn.trim_end())?;
            }
        }
    }
    Ok(())
}

/// The rows to show, at most `most` where that can be: the earliest that the prose has no number for are left out.
fn folded(rows: &[Row], most: usize) -> Vec<Row> {
    let is_told = |row: &Row| !matches!(row, Row::Step { cell: Cell { number: None, .. }, .. });
    let mut left_out = vec![false; rows.len()];
    let shown = |left_out: &[bool]| {
        let gaps = left_out.iter().enumerate().filter(|(i, out)| **out && (*i == 0 || !left_out[i - 1]));
        left_out.iter().filter(|out| !**out).count() + gaps.count()
    };
    for i in (0..rows.len()).filter(|i| !is_told(&rows[*i])) {
        if shown(&left_out) <= most {
            break;
        }
        left_out[i] = true;
    }
    // A line that says that one is left out takes as much room as the one.
    for i in 0..rows.len() {
        let next_to = |other: Option<usize>| other.and_then(|i| left_out.get(i)).is_some_and(|out| *out);
        if left_out[i] && !next_to(i.checked_sub(1)) && !next_to(Some(i + 1)) {
            left_out[i] = false;
        }
    }
    let mut folded = Vec::new();
    for (row, out) in rows.iter().zip(left_out) {
        match (out, folded.last_mut()) {
            (false, _) => folded.push(row.clone()),
            (true, Some(Row::Folded(n))) => *n += 1,
            (true, _) => folded.push(Row::Folded(1)),
        }
    }
    folded
}

fn cell_text(cell: &Cell, pen: &Pen<'_>) -> String {
    let mut text = cell.number.map_or_else(String::new, |number| format!("{} ", pen.number(number)));
    text.push_str(&pen.arrows(&cell.text));
    if cell.line > 0 {
        text.push_str(&format!("  :{}", cell.line));
    }
    if cell.waits {
        text.push_str(if pen.options.ascii { "  ||" } else { "  \u{2016}" });
    }
    text
}

/// Each column's width. Where all together are too wide, the left ones become narrower: each row has one text, which
/// may reach below the next column's name.
fn widths(timeline: &Timeline, headers: &[String], pen: &Pen<'_>) -> Vec<usize> {
    let least: Vec<usize> = headers.iter().map(|header| width(header).max(LEAST)).listed();
    let mut texts = vec![0; least.len()];
    for row in &timeline.rows {
        if let Row::Step { column, cell, starts, .. } = row {
            // Room for an arrow to the next column.
            let arrow = if starts.is_some() { 3 } else { 0 };
            texts[*column] = texts[*column].max(width(&cell_text(cell, pen)) + arrow);
        }
    }
    let mut widths: Vec<usize> = least.iter().zip(&texts).map(|(least, text)| *least.max(text)).listed();
    for row in &timeline.rows {
        if let Row::Step { column, cell: Cell { remark: Some(remark), .. }, starts: None, .. } = row {
            texts[*column] = texts[*column].max(widths[*column] + width(&pen.glyphs(remark)) + 4);
        }
    }
    for column in 1..widths.len() {
        while NUMBERS + offset(&widths, column) + texts[column].max(least[column]) > pen.options.width {
            let narrower = (0..column).filter(|i| widths[*i] > least[*i]).max_by_key(|i| widths[*i]);
            let Some(widest) = narrower else { break };
            widths[widest] -= 1;
        }
    }
    widths
}

/// The columns' names, the widest shortened until all stand side by side on the page.
fn headers(timeline: &Timeline, page: usize) -> Vec<String> {
    let mut widths: Vec<usize> = timeline.columns.iter().map(|column| width(&column.header)).listed();
    let needed = |widths: &[usize]| {
        NUMBERS + widths.iter().map(|width| (*width).max(LEAST) + 2).sum::<usize>().saturating_sub(2)
    };
    while needed(&widths) > page {
        let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > LEAST) else { break };
        *widest -= 1;
    }
    timeline.columns.iter().zip(&widths).map(|(column, width)| shortened(&column.header, *width)).listed()
}

/// `text` if it is no wider than `room`, else its beginning and two dots.
fn shortened(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while width(&short) + 2 > room && short.pop().is_some() {}
    short + ".."
}

/// Columns of a task's name and steps, at the least.
const LEAST: usize = 12;

/// Columns before the first task's: the step's number.
const NUMBERS: usize = 6;

fn offset(widths: &[usize], column: usize) -> usize {
    widths[..column].iter().map(|width| width + 2).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EventIx;

    fn step(number: usize, told: bool) -> Row {
        let number_in_prose = told.then_some(1);
        let cell =
            Cell { number: number_in_prose, text: "load".to_owned(), line: 1, waits: false, remark: None };
        Row::Step { number, event: EventIx(0), column: 0, cell, starts: None }
    }

    #[test]
    fn what_the_prose_tells_of_is_never_left_out() {
        let rows: Vec<Row> = (1..=9).map(|i| step(i, i == 3)).chain([Row::End("end".to_owned())]).collect();
        let all = folded(&rows, 10);
        assert_eq!(all, rows);
        // 1 and 2, then 4 to 7 make room for two lines that say so.
        let kept =
            [Row::Folded(2), step(3, true), Row::Folded(4), step(8, false), step(9, false), rows[9].clone()];
        assert_eq!(folded(&rows, 6), kept);
        assert_eq!(folded(&rows[1..], 6)[0], rows[1], "one row is no shorter when it is left out");
        assert_eq!(folded(&rows, 0), [Row::Folded(2), step(3, true), Row::Folded(6), rows[9].clone()]);
    }
}
