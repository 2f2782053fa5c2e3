//! Whether a task that comes to an operation again counts how often.
//!
//! A counter is a number in its registers or on its stack that grows, or falls, by the same from each of its last three comings
//! to the next. Nothing less is taken for one: frames have gaps that nobody writes, or that take over what lay below them, so that
//! words differ for no reason of the program's, and otherwise in each execution. So what counts in another way, or where nobody
//! looks, is not seen: by doubling, by a random number, on the heap, or by a pointer into that.

use crate::inside::stack::Here;
use gorace_analyzer::Place;
use gorace_engine::Coming;

/// How many places are kept: what a loop may come to within one round.
const KEPT: usize = 8;

/// A task's last comings, for each place the last one.
#[derive(Default)]
pub(crate) struct Comings {
    /// The latest last.
    kept: Vec<Visit>,
    /// Room for the next one's words.
    words: Vec<usize>,
}

struct Visit {
    place: Place,
    /// Where the task stood: in its stack and in the code.
    at: [usize; 2],
    words: Vec<usize>,
    /// By how much each word had grown, in halves.
    grown: Vec<[u32; 2]>,
    times: u32,
}

impl Comings {
    /// Forgets all of them.
    pub fn clear(&mut self) {
        self.kept.clear();
    }

    /// The task comes to an operation of this place; how, unless that cannot be told.
    pub fn come(&mut self, here: &Here, place: Place) -> Option<Coming> {
        let at = here.image(&mut self.words)?;
        let known = self.kept.iter().position(|visit| visit.place == place && visit.at == at);
        let mut visit = match known {
            Some(known) => self.kept.remove(known),
            None => {
                if self.kept.len() == KEPT {
                    self.kept.remove(0);
                }
                Visit {
                    place,
                    at,
                    words: self.words.clone(),
                    grown: vec![[0; 2]; self.words.len()],
                    times: 0,
                }
            }
        };
        let counts = visit.come(&mut self.words);
        let coming = match visit.times {
            0..3 => Coming::Early,
            _ if counts => Coming::Counting,
            _ => Coming::Again,
        };
        self.kept.push(visit);
        Some(coming)
    }
}

impl Visit {
    /// It is there again, with these words, which it exchanges for the last ones; whether any has grown as it had before.
    fn come(&mut self, words: &mut Vec<usize>) -> bool {
        let mut counts = false;
        for ((now, before), grown) in words.iter().zip(&self.words).zip(&mut self.grown) {
            let by =
                [now.wrapping_sub(*before) as u32, ((now >> 32) as u32).wrapping_sub((before >> 32) as u32)];
            counts |= (0..2).any(|half| by[half] != 0 && by[half] == grown[half]);
            *grown = by;
        }
        std::mem::swap(&mut self.words, words);
        self.times += 1;
        counts
    }
}
