//! One execution on this OS thread, watched: what all executions of a check have in common.

use crate::check::session::Body;
use crate::inside::code::Code;
use crate::inside::context::Context;
use crate::inside::task;
use gorace_analyzer::ObjIx;
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
    if let Some(object) = cx.outsiders.used(cx.generation) {
        note_outsider(cx, object);
    }
    ended
}

/// A word for GR0007: somebody outside used this object.
#[cold]
fn note_outsider(cx: &mut Context, object: ObjIx) {
    let trace = cx.exec.trace();
    let object = &trace.objects[object.at()];
    let name = object.name.as_ref().map_or_else(String::new, |name| format!(" `{name}`"));
    let made = trace.frames(object.made).into_iter().next();
    let made = made.map_or_else(String::new, |at| format!(" made at {}:{}:{}", at.file, at.line, at.column));
    let kind = object.kind.word();
    cx.foreign.get_or_insert(format!(
        "the {kind}{name}{made} is used by a thread outside of the execution: start that thread with gorace, inside the \
         checked closure"
    ));
}

/// Ends what the last execution left.
pub(crate) fn tear_down(cx: &mut Context) {
    cx.heartbeat.set_running(true);
    task::tear_down(cx);
    cx.outsiders.end();
    if let Some((peers, thread)) = &cx.peers {
        peers.end(*thread);
    }
    cx.heartbeat.set_running(false);
}
