//! The report as a person reads it.

use crate::describe::{Mark, Report, Snippet};
use crate::source::{Reach, grow, line};
use crate::write::palette::Palette;
use crate::write::{go, short, timeline};
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet as Source};
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
    /// The whole interleaving instead of its beginning and end.
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
    pen.headline(&format!("error[{}]", report.code), &report.headline, out)?;
    if let Some(words) = report.go_words {
        writeln!(out, "{words}")?;
    }
    for snippet in &report.snippets {
        pen.snippet(snippet, out)?;
    }
    if let Some((title, lines)) = &report.waits {
        writeln!(out, "{}", pen.palette.rail(&format!("{title}:")))?;
        for entry in lines {
            writeln!(out, "   {}", pen.arrows(entry))?;
        }
    }
    if let Some(places) = &report.spawned {
        pen.paragraph("spawned:", |lead| lead.to_owned(), places, out)?;
    }
    if let Some(drawn) = &report.timeline {
        timeline::draw(drawn, &pen, out)?;
    }
    if options.verbose && report.in_go.race.is_empty() && !report.in_go.goroutines.is_empty() {
        writeln!(out, "{}", pen.palette.rail("goroutines, as Go prints them:"))?;
        go::dump(&report.in_go.goroutines, INDENT, out)?;
    }
    if let Some((title, lines)) = &report.why {
        let (first, rest) = lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
        pen.paragraph(&format!("{title}:"), |lead| pen.palette.rail(lead), first, out)?;
        for entry in rest {
            pen.paragraph("  ", |lead| lead.to_owned(), entry, out)?;
        }
    }
    for entry in &report.help {
        pen.paragraph("help:", |lead| pen.palette.help(lead), entry, out)?;
    }
    for fact in &report.facts {
        writeln!(out, "   {} {fact}", pen.palette.rail("="))?;
    }
    writeln!(out, "   {} replay:  gorace replay {}", pen.palette.rail("="), short(&report.replay))?;
    writeln!(out, "   {} explain: gorace explain {}", pen.palette.rail("="), report.code)
}

/// Before what continues a paragraph.
const INDENT: &str = "   ";

/// The options, with what they imply.
pub(crate) struct Pen<'a> {
    pub palette: Palette,
    pub options: &'a TextOptions,
}

impl Pen<'_> {
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

    /// `--[x]-->` as an arrow.
    fn arrows(&self, text: &str) -> String {
        let text = self.glyphs(text);
        if self.options.ascii {
            text
        } else {
            text.replace(" --[", " ──[").replace("]--> ", "]──▸ ")
        }
    }

    /// The first line, broken between words at the width; what follows stands below the text, as rustc has it.
    fn headline(&self, lead: &str, text: &str, out: &mut dyn Write) -> io::Result<()> {
        let text = self.glyphs(text);
        let indent = lead.chars().count() + 2;
        let mut lines = vec![String::new()];
        for word in text.split(' ') {
            match lines.last_mut() {
                Some(line) if line.is_empty() => line.push_str(word),
                Some(line)
                    if indent + line.chars().count() + 1 + word.chars().count() <= self.options.width =>
                {
                    line.push(' ');
                    line.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
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
        let text = self.glyphs(text);
        write!(out, "{}", colour(lead))?;
        let mut column = lead.chars().count();
        for word in text.split(' ') {
            let length = word.chars().count();
            if column + 1 + length > self.options.width && column > INDENT.len() {
                write!(out, "\n{INDENT}{word}")?;
                column = INDENT.len() + length;
            } else {
                write!(out, " {word}")?;
                column += 1 + length;
            }
        }
        writeln!(out)
    }

    fn snippet(&self, snippet: &Snippet, out: &mut dyn Write) -> io::Result<()> {
        if let Some(title) = &snippet.title {
            let title = self.glyphs(title);
            match title.split_once(": ") {
                Some((lead, rest)) => writeln!(out, "{}: {rest}", self.palette.bold(lead))?,
                None => writeln!(out, "{title}")?,
            }
        }
        let tasks = tasks_of(snippet);
        for pair in tasks.chunks(2) {
            // A block has two styles, and so two tasks with a colour of their own each.
            let marks = snippet.marks.iter().filter(|mark| pair.contains(&mark.task.0)).cloned().collect();
            let block = Snippet { marks, title: None, ..snippet.clone() };
            self.block(&block, pair, out)?;
        }
        Ok(())
    }

    /// Source with the marks of one task or of two.
    fn block(&self, snippet: &Snippet, tasks: &[u32], out: &mut dyn Write) -> io::Result<()> {
        let Some(shown) = Shown::of(snippet) else { return self.places(snippet, out) };
        let labels: Vec<String> = snippet
            .marks
            .iter()
            .map(|mark| {
                let label = self.glyphs(&mark.label);
                mark.number.map_or_else(|| label.clone(), |number| format!("{} {label}", self.number(number)))
            })
            .collect();
        let mut source =
            Source::source(shown.text.as_str()).line_start(shown.start as usize).path(snippet.file.as_str());
        for ((mark, span), label) in snippet.marks.iter().zip(&shown.spans).zip(&labels) {
            // With two tasks the style says whose it is, with one what matters.
            let primary = if let [first, _] = tasks { mark.task.0 == *first } else { mark.primary };
            let kind = if primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            source = source.annotation(kind.span(span.clone()).label(label.as_str()));
        }
        let group = Group::with_level(Level::ERROR).element(source);
        self.print(&self.renderer(tasks).render(&[group]), out)
    }

    /// A snippet whose text cannot be shown.
    fn places(&self, snippet: &Snippet, out: &mut dyn Write) -> io::Result<()> {
        for mark in &snippet.marks {
            let origin = Origin::path(snippet.file.as_str())
                .line(mark.line as usize)
                .char_column(mark.column as usize);
            let group = Group::with_level(Level::ERROR).element(origin);
            self.print(&self.renderer(&[mark.task.0]).render(&[group]), out)?;
            let number = mark.number.map_or_else(String::new, |number| format!("{} ", self.number(number)));
            writeln!(out, "    {number}{}", self.glyphs(&mark.label))?;
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
        renderer.decor_style(decor).term_width(self.options.width)
    }

    fn print(&self, block: &str, out: &mut dyn Write) -> io::Result<()> {
        for row in block.lines().filter(|row| !row.trim().is_empty()) {
            writeln!(out, "{}", row.trim_end())?;
        }
        Ok(())
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
}

impl Shown {
    /// `None` if there is no text, or it has not got all the marked lines.
    fn of(snippet: &Snippet) -> Option<Self> {
        let text = snippet.text.as_deref()?;
        let start = snippet.marks.iter().map(|mark| mark.line).min()?;
        let end = snippet.marks.iter().map(|mark| mark.line).max()?;
        let mut shown = Shown { text: String::new(), start, spans: Vec::new() };
        let mut offsets = Vec::new();
        for number in start..=end {
            offsets.push(shown.text.len());
            // Control characters would move the marks, or the terminal.
            shown.text.extend(line(text, number)?.chars().map(|c| if c.is_control() { ' ' } else { c }));
            shown.text.push('\n');
        }
        for mark in &snippet.marks {
            let offset = offsets[(mark.line - start) as usize];
            let row = shown.text[offset..].lines().next().unwrap_or_default();
            let span = grown(row, mark);
            shown.spans.push(offset + span.start..offset + span.end.max(span.start));
        }
        Some(shown)
    }
}

/// The bytes of `row` that a mark underlines.
fn grown(row: &str, mark: &Mark) -> std::ops::Range<usize> {
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
