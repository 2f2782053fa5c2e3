//! What is left of a search, divided among explorers elsewhere: other processes, other machines, later.
//!
//! A part is an [`Explorer`] of its own, which can be written ([`Explorer::state`]), read where there is the same
//! program, run within a budget, and written again. Whoever gave it away stops when its turn comes
//! ([`Explorer::awaits`]), and takes it over however far it has come ([`Explorer::join`]). So a search in parts begins
//! the executions that one search would begin, whatever the parts and their budgets are.
//!
//! Only the optimal search can be divided.

use super::optimal::ELSEWHERE;
use super::search::Search;
use super::{Explorer, Optimal};

impl Explorer {
    fn optimal(&self) -> Option<&Optimal> {
        match &self.search {
            Some(Search::Optimal(search)) => Some(search),
            _ => None,
        }
    }

    /// Whether it explores a part of a search.
    #[inline]
    pub fn is_part(&self) -> bool {
        self.optimal().is_some_and(Optimal::is_part)
    }

    /// Whether it is a part that turned out to be none: what it runs is in vain.
    #[inline]
    pub fn is_in_vain(&self) -> bool {
        self.optimal().is_some_and(Optimal::is_in_vain)
    }

    /// Whether sequences are planned that may lead to nothing: then a part may turn out to be in vain.
    #[inline]
    pub fn has_doubt(&self) -> bool {
        self.optimal().is_some_and(Optimal::has_doubt)
    }

    /// The number of the part whose turn it is, if what comes next was given away.
    #[inline]
    pub fn awaits(&mut self) -> Option<u64> {
        let Some(Search::Optimal(search)) = &mut self.search else { return None };
        search.due()?.checked_sub(ELSEWHERE)
    }

    /// The numbers of the parts that were given away and not taken over.
    #[inline]
    pub fn parts(&self) -> Vec<u64> {
        let names = self.optimal().map_or(Vec::new(), Optimal::parts_elsewhere);
        names.into_iter().map(|name| name - ELSEWHERE).collect()
    }

    /// Whether there is something that it can run now.
    #[inline]
    pub fn can_go_on(&mut self) -> bool {
        let has_next = self.search.as_mut().is_none_or(Search::has_next);
        has_next && self.awaits().is_none() && !self.is_in_vain()
    }

    /// It is to begin so many more at the most.
    #[inline]
    pub fn limit(&mut self, most: u64) {
        let max_executions = &mut self.budget.max_executions;
        *max_executions = self.begun.saturating_add(most).min(*max_executions);
    }

    /// Gives a part of what is left away, the largest that there seems to be; `None` if there is none.
    #[inline]
    pub fn divide(&mut self, number: u64) -> Option<Explorer> {
        let Some(Search::Optimal(search)) = &mut self.search else { return None };
        let part = search.split(ELSEWHERE | number)?;
        let mut explorer = Explorer::new(self.strategy.clone(), 0, self.budget, Vec::new());
        explorer.search = Some(Search::Optimal(Box::new(part)));
        Some(explorer)
    }

    /// Takes over the part whose turn it is. Whether that was possible: else all that it ran was in vain, and is run
    /// by this explorer.
    #[inline]
    pub fn join(&mut self, part: Explorer) -> bool {
        let Some(Search::Optimal(search)) = &mut self.search else { return false };
        self.stopped = None;
        let is_joined = match part.search {
            Some(Search::Optimal(mut part)) => search.adopt(&mut part),
            _ => false,
        };
        match is_joined {
            true => {
                self.complete = self.complete.saturating_add(part.complete);
                self.truncated |= part.truncated;
            }
            false => search.give_up(),
        }
        is_joined
    }
}
