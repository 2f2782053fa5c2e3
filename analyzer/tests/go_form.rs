//! Findings in Go's form: each state of a goroutine has the word that Go's runtime has for it.

use gorace_analyzer::describe::{Report, describe};
use gorace_analyzer::finding::{Finding, Fingerprint};
use gorace_analyzer::record::{Facts, Program, Record};
use gorace_analyzer::source::MapSources;
use gorace_analyzer::trace::Ended;
use gorace_analyzer::verdict::Stopped;
use gorace_analyzer::write::go;
use gorace_analyzer::{
    Event, EventIx, FindingKind, ObjIx, OpKind, Order, Place, TaskEnd, TaskInfo, TaskIx, TaskPath, Trace,
    Waiting,
};

#[track_caller]
fn recv() -> Place {
    Place::here()
}

/// A trace whose main ended like this, in its one event.
fn trace(op: OpKind, place: Place, end: TaskEnd) -> Trace {
    let event = Event {
        task: TaskIx(0),
        object: None,
        other: None,
        op,
        order: Order::None,
        value: 0,
        seen: 0,
        place,
    };
    let main = TaskInfo { path: TaskPath::main(), name: None, spawned: None, detached: false, end };
    Trace { events: vec![event].into(), tasks: vec![main], ended: Ended::Quiescent, ..Trace::default() }
}

fn report(kind: FindingKind, trace: Trace) -> Report {
    let facts = Facts {
        id: "0123456789abcdef".to_owned(),
        token: "v1.".to_owned(),
        strategy: "exhaustive".to_owned(),
        found_in: 1,
        executions: 1,
        failing: 1,
        exhaustive: true,
        stopped: Stopped::Complete,
        elapsed: None,
        replayed: (3, 3),
        minimal: false,
    };
    let record = Record {
        program: Program { target: "go-form".to_owned(), ..Program::default() },
        facts,
        finding: Finding { kind, after_panic: false },
        fingerprint: Fingerprint(0),
        trace,
        passing: None,
        sources: Vec::new(),
    };
    describe(&record, &MapSources::from_iter([(file!(), include_str!("go_form.rs"))]))
}

fn in_go(report: &Report) -> String {
    let mut out = Vec::new();
    go(report, false, &mut out).expect("memory can be written");
    String::from_utf8(out).expect("text")
}

fn main_blocked() -> FindingKind {
    FindingKind::Deadlock { global: true, blocked: vec![TaskIx(0)], cycle: Vec::new() }
}

/// Source: `waitReasonStrings` in Go's runtime/runtime2.go (1.25).
#[test]
fn a_blocked_goroutine_has_gos_wait_reason() {
    let first = EventIx(0);
    let on = Waiting::On { event: first };
    let any = Waiting::Any { event: first, arms: vec![(ObjIx::new(0), false)] };
    for (op, waiting, reason) in [
        (OpKind::Recv, on.clone(), "chan receive"),
        (OpKind::Send, on.clone(), "chan send"),
        (OpKind::Lock, on.clone(), "sync.Mutex.Lock"),
        (OpKind::ReadLock, on.clone(), "sync.RWMutex.RLock"),
        (OpKind::WriteLock, on.clone(), "sync.RWMutex.Lock"),
        (OpKind::Wait, on.clone(), "sync.Cond.Wait"),
        (OpKind::WgWait, on.clone(), "sync.WaitGroup.Wait"),
        (OpKind::Sleep, on.clone(), "sleep"),
        // Go's Once locks a mutex.
        (OpKind::OnceBegin, on.clone(), "sync.Mutex.Lock"),
        // Go has neither of these; what sleeps there without a reason of its own is in a semacquire.
        (OpKind::BarrierWait, on.clone(), "semacquire"),
        (OpKind::Park, on, "semacquire"),
    ] {
        let trace = trace(op, Place::here(), TaskEnd::Blocked(waiting));
        assert_eq!(report(main_blocked(), trace).in_go.goroutines[0].state, reason, "{op:?}");
    }
    let mut with_channel = trace(OpKind::Select, Place::here(), TaskEnd::Blocked(any));
    with_channel.objects.push(gorace_analyzer::ObjectInfo {
        kind: gorace_analyzer::ObjectKind::Channel,
        task: TaskPath::main(),
        ordinal: 0,
        made: Place::Unknown,
        name: Some("c".to_owned()),
        type_name: "Chan<u8>".to_owned(),
        held: Vec::new(),
        capacity: Some(0),
    });
    assert_eq!(report(main_blocked(), with_channel).in_go.goroutines[0].state, "select");
}

/// Go tells a nil channel from a `select {}`, and so do events.
#[test]
fn what_waits_for_ever_is_told_apart() {
    for (op, reason) in [
        (OpKind::Recv, "chan receive (nil chan)"),
        (OpKind::Send, "chan send (nil chan)"),
        (OpKind::Select, "select (no cases)"),
    ] {
        let waiting = Waiting::Forever { event: EventIx(0) };
        let trace = trace(op, Place::here(), TaskEnd::Blocked(waiting));
        assert_eq!(report(main_blocked(), trace).in_go.goroutines[0].state, reason);
    }
}

/// As Go prints them, but for `+0x..` behind places: https://go.dev/src/runtime/traceback.go
#[test]
fn the_whole_form_of_a_deadlock_and_of_a_panic() {
    let place = recv();
    let line = line!() - 1;
    let waiting = Waiting::On { event: EventIx(0) };
    let deadlock = report(main_blocked(), trace(OpKind::Recv, place, TaskEnd::Blocked(waiting)));
    let function = "the_whole_form_of_a_deadlock_and_of_a_panic";
    assert_eq!(
        in_go(&deadlock),
        format!(
            "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\n\
             go_form.{function}()\n\t{}:{line}\n\ngorace replay 01234567\n",
            file!()
        )
    );
    let end = TaskEnd::Panicked { message: "why\nand how".to_owned(), place, taken: false, misuse: None };
    let panic = report(FindingKind::Panic { task: TaskIx(0) }, trace(OpKind::Panic, place, end));
    assert_eq!(
        in_go(&panic),
        format!(
            "panic: why\n\tand how\n\ngoroutine 1 [running]:\ngo_form.{function}()\n\t{}:{line}\n\n\
             gorace replay 01234567\n",
            file!()
        )
    );
}

#[test]
fn every_misuse_of_gos_has_the_line_that_go_prints() {
    use gorace_analyzer::misuse::{ALL, NESTED_ACCESS, as_go_prints};
    for words in ALL {
        let line = as_go_prints(words);
        assert_eq!(line.is_none(), *words == NESTED_ACCESS, "{words}");
        // `fatal` ends the process, `panic` may be recovered: runtime/map.go, sync/mutex.go; chan.go, waitgroup.go.
        let is_fatal = words.contains("unlocked") || words.starts_with("concurrent map");
        let lead = if is_fatal { "fatal error: " } else { "panic: " };
        assert!(line.is_none_or(|line| line == format!("{lead}{words}")), "{line:?}");
    }
}
