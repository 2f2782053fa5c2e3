//! What a mark underlines, in lines, columns and bytes.

use crate::describe::{Mark, Report, Snippet};
use crate::source::line;
use crate::write::grown;
use std::ops::Range;

/// A part of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Region {
    /// Counted from 1.
    pub line: u32,
    /// In characters, counted from 1, the end exclusive; empty at 1 if only the line is known.
    pub columns: Range<u32>,
    /// In the file; empty at 0 if its text is not known.
    pub bytes: Range<usize>,
    /// The line's text.
    pub row: Option<String>,
}

impl Region {
    /// Of a mark in its snippet.
    pub fn of(snippet: &Snippet, mark: &Mark) -> Self {
        let first = mark.column.max(1);
        let bare = Region { line: mark.line, columns: first..first, bytes: 0..0, row: None };
        let Some(text) = snippet.text.as_deref() else { return bare };
        let Some(row) = line(text, mark.line) else { return bare };
        let span = grown(row, mark);
        let span = span.start..span.end.max(span.start);
        let column = |byte: usize| row[..byte].chars().count() as u32 + 1;
        // A row is a part of the text.
        let offset = row.as_ptr() as usize - text.as_ptr() as usize;
        Region {
            line: mark.line,
            columns: column(span.start)..column(span.end),
            bytes: offset + span.start..offset + span.end,
            row: Some(row.to_owned()),
        }
    }
}

impl Report {
    /// All places with what happened there, the one that the report is about first.
    pub(crate) fn places(&self) -> Vec<(&Snippet, &Mark)> {
        let all =
            || self.snippets.iter().flat_map(|snippet| snippet.marks.iter().map(move |mark| (snippet, mark)));
        let main = all().position(|(_, mark)| mark.primary).unwrap_or(0);
        let mut places: Vec<_> = all().collect();
        if main > 0 {
            let place = places.remove(main);
            places.insert(0, place);
        }
        places
    }
}

impl Mark {
    /// The label, with its number before it.
    pub(crate) fn told(&self) -> String {
        match self.number {
            Some(number @ 1..=20) => {
                let circled = char::from_u32(0x2460 + u32::from(number) - 1).unwrap_or(' ');
                format!("{circled} {}", self.label)
            }
            Some(number) => format!("({number}) {}", self.label),
            None => self.label.clone(),
        }
    }
}
