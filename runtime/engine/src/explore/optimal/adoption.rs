//! What a part has done is taken over in its turn.
//!
//! All that its races lead to above it is planned as it would have been then. If that is something else than what the part
//! left out for its sake, or something in doubt is planned above that the part may lead to, nothing is taken over, and all is
//! as before.

use super::happens_before::HappensBefore;
use super::node::{Node, State};
use super::part::{Bottom, Plan};
use super::reversal::Context;
use super::search::{Optimal, Planned};
use super::tree::{Inserted, Tree};
use std::sync::Arc;

impl Optimal {
    /// Takes over what the part whose turn it is has done; whether that is what would have been done. Else nothing is
    /// changed, and it is still to be explored. What is left of the part belongs to [whoever explored it](super::spare).
    pub fn adopt(&mut self, part: &mut Optimal) -> bool {
        let Some(bottom) = part.part.as_mut().filter(|bottom| !bottom.doubtful) else { return false };
        let Some(first) = bottom.first.clone() else { return false };
        let is_same = |one: &Node, other: &Node| match (one, other) {
            (Node::Task(one), Node::Task(other)) => one.sleep == other.sleep && one.chosen == other.chosen,
            _ => true,
        };
        let (len, decisions) = (self.stack.len(), self.tasks.len());
        if len != bottom.given || !self.stack.iter().zip(&part.stack).all(|(one, other)| is_same(one, other))
        {
            return false;
        }
        let before = self.ahead.clone();
        let plans: Vec<(usize, Tree)> = self.planned_at(bottom.plans.iter().map(|plan| plan.at));
        let mut below = std::mem::take(&mut self.ahead);
        for record in bottom.path.iter().cloned() {
            below = self.push(record, below, &*first);
        }
        let is_right =
            self.stack.len() == bottom.bottom && self.plan_all_above(bottom) && !self.is_in_doubt();
        if !is_right {
            self.stack.truncate(len);
            self.tasks.truncate(decisions);
            self.ahead = before;
            for (at, tree) in plans {
                if let Some(Node::Task(state)) = self.stack.get_mut(at) {
                    state.plans = tree;
                }
            }
            return false;
        }
        let (known, at_bottom) = (self.tasks.len(), bottom.bottom);
        for node in &mut part.stack[at_bottom..] {
            node.explored().after(self.traces);
            self.stack.push(node.clone());
        }
        self.traces = self.traces.saturating_add(part.traces);
        self.tasks.extend_from_slice(&part.tasks[known..]);
        (self.ahead, self.due) = (part.ahead.clone(), part.due);
        if self.laid < part.shared {
            self.laid_out.restore_from(self.laid, &part.order, part.shared);
            self.laid = part.shared;
        }
        self.has_doubt |= part.has_doubt;
        if let Some(own) = &mut self.part {
            own.hand_on(bottom);
        }
        // A part that has nothing left stands at its bottom, all of which is explored.
        self.given = part.given || self.stack.len() == at_bottom;
        true
    }

    /// Whether something is planned on the way here that [may be led to](super::led) by what is explored now.
    fn is_in_doubt(&self) -> bool {
        self.stack.iter().filter_map(Node::state).any(State::is_in_doubt)
    }

    /// What is planned at these places, each once.
    fn planned_at(&self, places: impl Iterator<Item = usize>) -> Vec<(usize, Tree)> {
        let mut planned: Vec<(usize, Tree)> = Vec::new();
        for at in places {
            if let Some(Node::Task(state)) = self.stack.get(at)
                && planned.iter().all(|(other, _)| *other != at)
            {
                planned.push((at, state.plans.clone()));
            }
        }
        planned
    }

    /// Plans all that a part's races lead to above it; whether all that it left out for that is explored.
    fn plan_all_above(&mut self, bottom: &mut Bottom) -> bool {
        let mut order = std::mem::take(&mut self.laid_out);
        let (mut last, mut is_right) = (None, true);
        for plan in &mut bottom.plans {
            let of = Arc::as_ptr(&plan.of);
            if last.replace(of) != Some(of) {
                plan.of.lay_out(&mut order);
            }
            // Nothing of the last execution was left out for the sake of others.
            is_right = self.plan_above(plan, &order) || plan.execution == bottom.executions;
            if !is_right {
                break;
            }
        }
        self.laid_out = order;
        is_right
    }

    /// Plans what a part's race leads to above it; whether all that the part left out for it is explored.
    fn plan_above(&mut self, plan: &mut Plan, order: &HappensBefore) -> bool {
        let Some(Node::Task(state)) = self.stack.get_mut(plan.at) else { return false };
        let (of, (first, second)) = (&plan.of, plan.race);
        let mut plans = std::mem::take(&mut state.plans);
        let choices = |decision: usize| of.choices(decision);
        let rehearsed = || plan.rehearsed.clone();
        let context =
            Context { shown: &**of, order, choices: &choices, rehearsed: &rehearsed, state, first, second };
        if first == second {
            let others = super::search::after_other_choice(context);
            state.plans = plans;
            if let Some((tree, awake)) = others {
                let new = super::search::plan_others(&mut self.stack[plan.at + 1..], &tree);
                self.has_doubt |= new && !awake;
            }
            // The part leaves out nothing for its sake.
            return true;
        }
        let planned = super::search::plan(&mut plans, context);
        state.plans = plans;
        match planned {
            // The same tasks are asleep as when the part was given away.
            Planned::Nothing => true,
            Planned::Sequence(Inserted { whole: false, .. }) => !plan.whole,
            Planned::Sequence(inserted) => {
                let is_as_before = !plan.whole || inserted.strays.are_among(plan.strays);
                // From now on this search leaves out what goes the same way here.
                plan.strays = if plan.whole { plan.strays.both(inserted.strays) } else { inserted.strays };
                plan.whole = true;
                is_as_before
            }
            Planned::Everything => false,
        }
    }
}

impl Bottom {
    /// Takes over what a part of this part plans above both.
    fn hand_on(&mut self, below: &mut Bottom) {
        let before = self.executions;
        let above = below.plans.drain(..).filter(|plan| plan.at < self.bottom);
        self.plans
            .extend(above.map(|plan| Plan { execution: before.saturating_add(plan.execution), ..plan }));
        self.executions = before.saturating_add(below.executions);
    }
}
