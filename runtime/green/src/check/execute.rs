//! One execution on this OS thread, watched: what all executions of a check have in common.

use crate::check::session::Body;
use crate::inside::code::Code;
use crate::inside::context::Context;
use crate::inside::task;
use gorace_analyzer::trace::Ended;
use gorace_engine::Plan;

/// Copies of statics that were lent for ever; so many bytes are borne.
pub(crate) const MAX_LENT: u64 = 1 << 30;
/// Tasks that could not be ended keep their stacks; so many are borne.
pub(crate) const MAX_ABANDONED: u64 = 1_000;

/// Runs one execution; it is still to be torn down.
pub(crate) fn execute(cx: &mut Context, body: &Body, plan: &Plan) -> Ended {
    let body = body.clone();
    cx.heartbeat.set_running(true);
    let ended = task::run(cx, plan, Code::of(move || body()));
    cx.heartbeat.set_running(false);
    ended
}

/// Ends what the last execution left.
pub(crate) fn tear_down(cx: &mut Context) {
    cx.heartbeat.set_running(true);
    task::tear_down(cx);
    if let Some((peers, thread)) = &cx.peers {
        peers.end(*thread);
    }
    cx.heartbeat.set_running(false);
}
