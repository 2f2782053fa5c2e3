//! Colours: one a task, the same in snippets, prose and timeline. Colour never carries meaning alone.
//!
//! The styles are those that source snippets are drawn in, so that there is one vocabulary of colours, and no
//! switch that a process shares.

use annotate_snippets::renderer::{AnsiColor, Style};

/// Draws with or without colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    on: bool,
}

const TASKS: [Option<AnsiColor>; 5] =
    [None, Some(AnsiColor::Red), Some(AnsiColor::Cyan), Some(AnsiColor::Magenta), Some(AnsiColor::Yellow)];

impl Palette {
    pub fn new(on: bool) -> Self {
        Palette { on }
    }

    fn styled(self, style: Style, text: &str) -> String {
        if self.on { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Text in a task's colour.
    pub fn task(self, task: u32, text: &str) -> String {
        let style = match TASKS[task as usize % TASKS.len()] {
            Some(colour) => colour.on_default(),
            None => Style::new().bold(),
        };
        self.styled(if task as usize >= TASKS.len() { style.underline() } else { style }, text)
    }

    /// `error[GR0001]` and the cross.
    pub fn error(self, text: &str) -> String {
        self.styled(AnsiColor::Red.on_default().bold(), text)
    }

    /// The headline.
    pub fn bold(self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// `help:`
    pub fn help(self, text: &str) -> String {
        self.styled(AnsiColor::Green.on_default(), text)
    }

    /// Rails and titles of sections: bright, as the rails of source blocks, since plain blue is hard to read on black.
    pub fn rail(self, text: &str) -> String {
        self.styled(AnsiColor::BrightBlue.on_default(), text)
    }

    /// The style of a task's annotations in source blocks.
    pub fn annotation(task: u32) -> Style {
        let style = match TASKS[task as usize % TASKS.len()] {
            Some(colour) => colour.on_default(),
            None => Style::new(),
        };
        style.bold()
    }
}
