//! The interleaving as columns.

use crate::describe::{Cell, Row, Timeline};
use crate::write::text::Pen;
use crate::write::width::width;
use std::io::{self, Write};

/// Rows at the most, unless all are asked for.
const ROWS: usize = 22;

pub(crate) fn draw(timeline: &Timeline, pen: &Pen<'_>, out: &mut dyn Write) -> io::Result<()> {
    let s = if timeline.forced == 1 { "" } else { "es" };
    let title = format!(
        "shortest interleaving ({} of {} steps, {} forced switch{s}):",
        timeline.shown, timeline.of, timeline.forced
    );
    writeln!(out, "{}", pen.palette.rail(&title))?;
    let widths = widths(timeline, pen);
    let mut header = "      ".to_owned();
    for (column, columns) in timeline.columns.iter().zip(&widths) {
        header.push_str(&pen.palette.task(column.task.0, &column.header));
        header.push_str(&" ".repeat((columns + 2).saturating_sub(width(&column.header))));
    }
    writeln!(out, "{}", header.trim_end())?;
    for row in &folded(timeline, pen.options.verbose) {
        match row {
            Row::Folded(n) => writeln!(out, "      ... {n} more steps (-v shows them)")?,
            Row::End(text) => {
                let cross = if pen.options.ascii { "X" } else { "\u{2717}" };
                writeln!(out, "      {} {text}", pen.palette.error(cross))?;
            }
            Row::Step { number, column, cell, starts } => {
                let task = timeline.columns[*column].task.0;
                let text = cell_text(cell, pen);
                let mut drawn = format!("{number:>4}  {}", " ".repeat(offset(&widths, *column)));
                drawn.push_str(&pen.palette.task(task, &text));
                let used = width(&text);
                match starts.filter(|to| to > column) {
                    Some(to) => {
                        let gap = offset(&widths, to).saturating_sub(offset(&widths, *column) + used);
                        let (dash, head) =
                            if pen.options.ascii { ("-", ">") } else { ("\u{254c}", "\u{25b8}") };
                        drawn.push_str(&format!(" {}{head} ", dash.repeat(gap.saturating_sub(3))));
                        drawn.push_str(&pen.palette.task(timeline.columns[to].task.0, "start"));
                    }
                    None => {
                        if let Some(remark) = &cell.remark {
                            let pad = (widths[*column] + 1).saturating_sub(used);
                            let room =
                                pen.options.width.saturating_sub(7 + offset(&widths, *column) + used + pad);
                            if width(remark) + 2 <= room {
                                drawn.push_str(&format!("{} ({})", " ".repeat(pad), pen.glyphs(remark)));
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

/// The rows to show: the middle is left out where there are too many.
fn folded(timeline: &Timeline, verbose: bool) -> Vec<Row> {
    let rows = &timeline.rows;
    if verbose || rows.len() <= ROWS {
        return rows.clone();
    }
    let (head, tail) = (6, ROWS - 7);
    let mut shown = rows[..head].to_vec();
    shown.push(Row::Folded(rows.len() - head - tail));
    shown.extend_from_slice(&rows[rows.len() - tail..]);
    shown
}

fn cell_text(cell: &Cell, pen: &Pen<'_>) -> String {
    let mut text = cell.number.map_or_else(String::new, |number| format!("{} ", pen.number(number)));
    let words = if pen.options.ascii {
        cell.text.clone()
    } else {
        cell.text.replace("->", "\u{2192}").replace("<-", "\u{2190}")
    };
    text.push_str(&words);
    if cell.line > 0 {
        text.push_str(&format!("  :{}", cell.line));
    }
    if cell.waits {
        text.push_str(if pen.options.ascii { "  ||" } else { "  \u{23f8}" });
    }
    text
}

/// Each column's width; all together fit.
fn widths(timeline: &Timeline, pen: &Pen<'_>) -> Vec<usize> {
    let mut widths: Vec<usize> =
        timeline.columns.iter().map(|column| width(&column.header).max(12)).collect();
    for row in &timeline.rows {
        if let Row::Step { column, cell, starts, .. } = row {
            // Room for an arrow to the next column.
            let arrow = if starts.is_some() { 3 } else { 0 };
            widths[*column] = widths[*column].max(width(&cell_text(cell, pen)) + arrow);
        }
    }
    let room = pen.options.width.saturating_sub(6 + 2 * widths.len());
    while widths.iter().sum::<usize>() > room {
        let Some(widest) = widths.iter_mut().max() else { break };
        if *widest <= 12 {
            break;
        }
        *widest -= 1;
    }
    widths
}

fn offset(widths: &[usize], column: usize) -> usize {
    widths[..column].iter().map(|width| width + 2).sum()
}
