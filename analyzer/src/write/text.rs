//! The report as a person reads it.

use crate::describe::{InGo, Mark, Report, Snippet, turns};
use crate::source::{Reach, grow, line};
use crate::write::fit::fit;
use crate::write::palette::Palette;
use crate::write::width::{width, wrapped};
use crate::write::{go, short, timeline};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet as Source};
use gorace_analyzer_core::Listed;
use std::io::{self, Write};

/// How to draw.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TextOptions {
    /// Columns at the most; 100 is what the layout is made for.
    pub width: usize,
    /// Plain ASCII instead of line drawing and circled numbers.
    pub ascii: bool,
    /// With colours.
    pub colour: bool,
    /// The whole interleaving instead of its beginning and end, and whole call stacks.
    pub verbose: bool,
}

impl Default for TextOptions {
    fn default() -> Self {
        TextOptions { width: 100, ascii: false, colour: false, verbose: false }
    }
}

/// Draws `report`.
///
/// # Errors
/// If `out` cannot be written.
pub fn text(report: &Report, options: &TextOptions, out: &mut dyn Write) -> io::Result<()> {
    let pen = Pen { palette: Palette::new(options.colour), options };
    let (mut above, mut below) = (Vec::new(), Vec::new());
    pen.above(report, &mut above)?;
    pen.below(report, &mut below)?;
    out.write_all(&above)?;
    if let Some(drawn) = &report.timeline {
        let count = |part: &[u8]| part.iter().filter(|byte| **byte == b'\n').count();
        // Its title and the names of its tasks are two more.
        let left = LINES.saturating_sub(count(&above) + count(&below) + 2);
        let rows = if options.verbose { usize::MAX } else { left.max(ROWS) };
        timeline::draw(drawn, rows, &pen, out)?;
    }
    out.write_all(&below)
}

/// Lines of a report, at the most, unless all are asked for.
const LINES: usize = 40;
/// Rows of a timeline that are drawn even if the report is longer then.
const ROWS: usize = 7;
/// Before what continues a paragraph.
const INDENT: &str = "   ";

/// The options, with what they imply.
pub(crate) struct Pen<'a> {
    pub palette: Palette,
    pub options: &'a TextOptions,
}

impl Pen<'_> {
    /// What stands above the timeline.
    fn above(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        self.headline(&format!("error[{}]", report.code), &report.headline, out)?;
        if let Some(words) = report.go_words {
            writeln!(out, "{words}")?;
        }
        for snippet in &report.snippets {
            self.snippet(snippet, out)?;
        }
        if let Some((title, lines)) = &report.waits {
            writeln!(out, "{}", self.palette.rail(&format!("{title}:")))?;
            for entry in lines {
                self.waits(entry, out)?;
            }
        }
        if let Some(places) = &report.spawned {
            self.paragraph("spawned:", |lead| lead.to_owned(), places, out)?;
        }
        Ok(())
    }

    /// What stands below the timeline.
    fn below(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        if self.options.verbose {
            self.stacks(&report.in_go, out)?;
        }
        if let Some((title, lines)) = &report.why {
            let (first, rest) =
                lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            self.paragraph(&format!("{title}:"), |lead| self.palette.rail(lead), &self.arrows(first), out)?;
            for entry in rest {
                self.paragraph("  ", |lead| lead.to_owned(), &self.arrows(entry), out)?;
            }
        }
        for entry in &report.help {
            self.paragraph("help:", |lead| self.palette.help(lead), entry, out)?;
        }
        let equals = self.palette.rail("=");
        let left_out = go::left_out(report).filter(|_| !self.options.verbose);
        for fact in report.facts.iter().chain(&left_out) {
            let room = self.options.width.saturating_sub(5);
            writeln!(out, "{INDENT}{equals} {}", wrapped(fact, room, room).join("\n     "))?;
        }
        writeln!(out, "{INDENT}{equals} replay:  gorace replay {}", short(&report.replay))?;
        writeln!(out, "{INDENT}{equals} explain: gorace explain {}", report.code)
    }

    /// Where a race's accesses came from, or where each goroutine is, as far as it is known.
    fn stacks(&self, this: &InGo, out: &mut dyn Write) -> io::Result<()> {
        if !this.race.is_empty() {
            writeln!(out, "{}", self.palette.rail("stacks, as Go prints them:"))?;
            for (access, number) in this.race.iter().zip([2, 1]) {
                writeln!(out, "{} {}:", self.number(number), access.title)?;
                go::indented(&access.stack, true, out)?;
            }
            return go::created(&this.goroutines, true, out);
        }
        if !this.goroutines.is_empty() {
            writeln!(out, "{}", self.palette.rail("goroutines, as Go prints them:"))?;
            go::dump(&this.goroutines, INDENT, true, out)?;
        }
        Ok(())
    }

    /// ① as `(1)` in ASCII.
    pub fn number(&self, number: u8) -> String {
        if self.options.ascii {
            return format!("({number})");
        }
        match number {
            1..=20 => char::from_u32(0x2460 + u32::from(number) - 1).map_or_else(String::new, String::from),
            _ => format!("({number})"),
        }
    }

    /// Circled numbers of prose in the chosen style.
    pub fn glyphs(&self, text: &str) -> String {
        if !self.options.ascii {
            return text.to_owned();
        }
        let mut ascii = String::with_capacity(text.len());
        for c in text.chars() {
            match c as u32 {
                code @ 0x2460..=0x2473 => ascii.push_str(&format!("({})", code - 0x245f)),
                _ => ascii.push(c),
            }
        }
        ascii
    }

    /// What an event did, `->` and `<-` as arrows.
    pub fn arrows(&self, text: &str) -> String {
        let text = self.glyphs(text);
        if self.options.ascii { text } else { text.replace("->", "\u{2192}").replace("<-", "\u{2190}") }
    }

    /// A chain of waits, with `--[x]-->` as arrows; one that is too long is broken before them.
    fn waits(&self, chain: &str, out: &mut dyn Write) -> io::Result<()> {
        let chain = self.glyphs(chain);
        let chain = if self.options.ascii {
            chain
        } else {
            chain.replace(" --[", " \u{2500}\u{2500}[").replace("]--> ", "]\u{2500}\u{2500}\u{25b8} ")
        };
        let arrow = if self.options.ascii { " --[" } else { " \u{2500}\u{2500}[" };
        let mut line = INDENT.to_owned();
        for (i, part) in chain.split(arrow).enumerate() {
            let part = if i == 0 { part.to_owned() } else { format!("{arrow}{part}") };
            if i > 0 && width(&line) + width(&part) > self.options.width {
                self.indented(&line, out)?;
                line = format!("{INDENT}  ");
            }
            line.push_str(&part);
        }
        self.indented(&line, out)
    }

    /// A line with its own indentation, broken between words where it is too wide.
    fn indented(&self, line: &str, out: &mut dyn Write) -> io::Result<()> {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        let first = self.options.width.saturating_sub(indent.len());
        let mut rows = wrapped(text, first, self.options.width.saturating_sub(6)).into_iter();
        writeln!(out, "{indent}{}", rows.next().unwrap_or_default())?;
        rows.try_for_each(|row| writeln!(out, "{INDENT}{INDENT}{row}"))
    }

    /// The first line, broken between words at the width; what follows stands below the text, as rustc has it.
    fn headline(&self, lead: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let text = self.glyphs(text);
        let indent = width(lead) + 2;
        let room = self.options.width.saturating_sub(indent);
        let lines = wrapped(&text, room, room);
        write!(out, "{}", self.palette.error(lead))?;
        for (i, line) in lines.iter().enumerate() {
            let before = if i == 0 { ": ".to_owned() } else { " ".repeat(indent) };
            writeln!(out, "{}", self.palette.bold(&format!("{before}{line}")))?;
        }
        Ok(())
    }

    /// Prose behind a lead, broken between words at the width; what follows is indented.
    fn paragraph(
        &self,
        lead: &str,
        colour: impl Fn(&str) -> String,
        text: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let first = self.options.width.saturating_sub(width(lead) + 1);
        let lines = wrapped(&self.glyphs(text), first, self.options.width.saturating_sub(INDENT.len()));
        writeln!(out, "{} {}", colour(lead), lines.join(&format!("\n{INDENT}")))
    }

    fn snippet(&self, snippet: &Snippet, out: &mut dyn Write) -> io::Result<()> {
        if let Some(title) = &snippet.title {
            let title = self.glyphs(title);
            match title.split_once(": ") {
                Some((lead, rest)) => {
                    let bold = |lead: &str| format!("{}:", self.palette.bold(lead.trim_end_matches(':')));
                    self.paragraph(&format!("{lead}:"), bold, rest, out)?;
                }
                None => writeln!(out, "{title}")?,
            }
        }
        let tasks = tasks_of(snippet);
        for pair in tasks.chunks(2) {
            // A block has two styles, and so two tasks with a colour of their own each.
            let marks = snippet.marks.iter().filter(|mark| pair.contains(&mark.task.0)).cloned().listed();
            let block = Snippet { marks, title: None, ..snippet.clone() };
            let Some(rows) = self.block(&block, pair) else {
                self.places(&block, out)?;
                continue;
            };
            if rows.iter().all(|row| width(row) <= self.options.width) {
                self.print(&rows, out)?;
                continue;
            }
            // Marks that are too far apart for one page, of which none is cut off.
            for mark in &block.marks {
                let one = Snippet { marks: vec![mark.clone()], ..block.clone() };
                self.print(&self.block(&one, pair).unwrap_or_default(), out)?;
            }
        }
        Ok(())
    }

    /// Source with the marks of one task or of two; `None` if it cannot be shown.
    fn block(&self, snippet: &Snippet, tasks: &[u32]) -> Option<Vec<String>> {
        let shown = Shown::of(snippet, self.options.width)?;
        let labels: Vec<String> = snippet
            .marks
            .iter()
            .map(|mark| {
                // What has no number may be the user's own words.
                mark.number.map_or_else(
                    || self.glyphs(&mark.label),
                    |number| format!("{} {}", self.number(number), self.arrows(&mark.label)),
                )
            })
            .listed();
        let mut source =
            Source::source(shown.text.as_str()).line_start(shown.start as usize).path(snippet.file.as_str());
        for ((mark, span), label) in snippet.marks.iter().zip(&shown.spans).zip(&labels) {
            // With two tasks the style says whose it is, with one what matters.
            let primary = if let [first, _] = tasks { mark.task.0 == *first } else { mark.primary };
            let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            source = source.annotation(kind.span(span.clone()).label(label.as_str()));
        }
        let group = Group::with_level(Level::ERROR).element(source);
        // Lines that fit are not cut for the sake of a label, which may hang.
        let page = if shown.widest > self.options.width { self.options.width } else { usize::from(u16::MAX) };
        let block = self.renderer(tasks).term_width(page).render(&[group]);
        Some(fit(&block, &labels, self.options.width))
    }

    /// A snippet whose text cannot be shown.
    fn places(&self, snippet: &Snippet, out: &mut dyn Write) -> io::Result<()> {
        for mark in &snippet.marks {
            let origin = Origin::path(snippet.file.as_str())
                .line(mark.line as usize)
                .char_column(mark.column as usize);
            let group = Group::with_level(Level::ERROR).element(origin);
            self.print(&fit(&self.renderer(&[mark.task.0]).render(&[group]), &[], self.options.width), out)?;
            let number = mark.number.map_or_else(String::new, |number| format!("{} ", self.number(number)));
            self.paragraph(INDENT, |lead| lead.to_owned(), &format!("{number}{}", mark.label), out)?;
        }
        writeln!(out, "    (the source is not here, or has changed since the run)")
    }

    /// Draws primary marks in the first task's colour and the others in the last one's.
    fn renderer(&self, tasks: &[u32]) -> Renderer {
        let style = |task: Option<&u32>| Palette::annotation(task.copied().unwrap_or_default());
        let renderer = if self.options.colour {
            Renderer::styled().error(style(tasks.first())).context(style(tasks.last()))
        } else {
            Renderer::plain()
        };
        let decor = if self.options.ascii { DecorStyle::Ascii } else { DecorStyle::Unicode };
        renderer.decor_style(decor)
    }

    fn print(&self, rows: &[String], out: &mut dyn Write) -> io::Result<()> {
        rows.iter().try_for_each(|row| writeln!(out, "{row}"))
    }
}

/// The tasks of a snippet's marks, the one that it is about first.
fn tasks_of(snippet: &Snippet) -> Vec<u32> {
    let mut tasks = Vec::new();
    let main = snippet.marks.iter().filter(|mark: &&Mark| mark.primary);
    for mark in main.chain(&snippet.marks) {
        if !tasks.contains(&mark.task.0) {
            tasks.push(mark.task.0);
        }
    }
    tasks
}

/// The lines of a snippet that are shown, with the marks' spans in them.
struct Shown {
    text: String,
    start: u32,
    spans: Vec<std::ops::Range<usize>>,
    /// Columns of the widest line, with the numbers before it.
    widest: usize,
}

impl Shown {
    /// `None` if there is no text, or it has not got all the marked lines.
    fn of(snippet: &Snippet, page: usize) -> Option<Self> {
        let text = snippet.text.as_deref()?;
        let start = snippet.marks.iter().map(|mark| mark.line).min()?;
        let end = snippet.marks.iter().map(|mark| mark.line).max()?;
        let mut shown = Shown { text: String::new(), start, spans: Vec::new(), widest: 0 };
        let mut offsets = Vec::new();
        for number in start..=end {
            offsets.push(shown.text.len());
            let row: String = line(text, number)?.chars().map(harmless).collect();
            shown.widest = shown.widest.max(width(&row) + GUTTER);
            shown.text.push_str(&row);
            shown.text.push('\n');
        }
        for mark in &snippet.marks {
            let offset = offsets[(mark.line - start) as usize];
            let row = shown.text[offset..].lines().next().unwrap_or_default();
            let span = grown(row, mark);
            let span = span.start..span.end.max(span.start);
            // Of a line that does not fit only a part is shown: the span has to fit into that.
            let most = if width(row) + GUTTER > page { page / 2 } else { page };
            let end = row[span.clone()].char_indices().nth(most).map_or(span.end, |(at, _)| span.start + at);
            shown.spans.push(offset + span.start..offset + end);
        }
        Some(shown)
    }
}

/// Columns before the source: a line's number and the rail.
const GUTTER: usize = 8;

/// Control characters would move the marks, or the terminal; marks of direction would turn the line around.
fn harmless(c: char) -> char {
    match c {
        c if c.is_control() => ' ',
        c if turns(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    }
}

/// The bytes of `row` that a mark underlines.
pub(crate) fn grown(row: &str, mark: &Mark) -> std::ops::Range<usize> {
    // Of a spawn only the name is told: its closure says nothing about the call.
    let reach = if mark.number.is_none() && !mark.primary { Reach::FirstArgument } else { Reach::Call };
    let byte = |at: usize| row.char_indices().nth(at).map_or(row.len(), |(byte, _)| byte);
    match grow(row, mark.column, reach) {
        Some(span) if mark.column > 0 => byte(span.start)..byte(span.end),
        _ => whole(row),
    }
}

/// A line without its indentation.
fn whole(row: &str) -> std::ops::Range<usize> {
    row.len() - row.trim_start().len()..row.trim_end().len()
}
