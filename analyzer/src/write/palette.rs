//! Colours: one a task, the same in snippets, prose and timeline. Colour never carries meaning alone.
//!
//! `colored` decides by a global switch whether it colours. We do not touch it, since two tests of one
//! process may print at once: text is styled only where our own decision says so, and then by styles whose
//! escape codes are written here once.

use annotate_snippets::renderer::{AnsiColor, Style};
use colored::{Color, Colorize, control};

/// Draws with or without colour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Palette {
    on: bool,
}

const TASKS: [(Option<Color>, Option<AnsiColor>); 5] = [
    (None, None),
    (Some(Color::Red), Some(AnsiColor::Red)),
    (Some(Color::Cyan), Some(AnsiColor::Cyan)),
    (Some(Color::Magenta), Some(AnsiColor::Magenta)),
    (Some(Color::Yellow), Some(AnsiColor::Yellow)),
];

impl Palette {
    pub fn new(on: bool) -> Self {
        if on {
            // Forcing is right for this process as a whole: the decision is made once, before anything is
            // drawn, and text that must stay plain is never given to `colored`.
            control::set_override(true);
        }
        Palette { on }
    }

    /// Text in a task's colour.
    pub fn task(self, task: u32, text: &str) -> String {
        if !self.on {
            return text.to_owned();
        }
        let (colour, _) = TASKS[task as usize % TASKS.len()];
        let styled = match colour {
            Some(colour) => text.color(colour),
            None => text.bold(),
        };
        if task as usize >= TASKS.len() { styled.underline().to_string() } else { styled.to_string() }
    }

    /// `error[GR0001]` and the cross.
    pub fn error(self, text: &str) -> String {
        if self.on { text.red().bold().to_string() } else { text.to_owned() }
    }

    /// The headline.
    pub fn bold(self, text: &str) -> String {
        if self.on { text.bold().to_string() } else { text.to_owned() }
    }

    /// `help:`
    pub fn help(self, text: &str) -> String {
        if self.on { text.green().to_string() } else { text.to_owned() }
    }

    /// Rails and titles of sections.
    pub fn rail(self, text: &str) -> String {
        if self.on { text.blue().to_string() } else { text.to_owned() }
    }

    /// The style of a task's annotations in source blocks.
    pub fn annotation(task: u32) -> Style {
        let style = match TASKS[task as usize % TASKS.len()].1 {
            Some(colour) => colour.on_default(),
            None => Style::new(),
        };
        style.bold()
    }
}
