//! An event lies where its task's operation does, unless it was told a place of its own.

use crate::{Execution, Next, ObjectSpec, Op, PlainAccess, Plan, PrimitiveOp, Schedule, Selection, TimerOp};
use gorace_analyzer_core::{Frame, ObjIx, ObjectKind, OpKind, Place, TaskIx};

const MAIN: TaskIx = TaskIx(0);

/// Main, which has done an operation at the place that is given back.
fn after_an_operation() -> (Execution, Place) {
    let plan = Plan {
        selection: Selection::Follow(Schedule::default()),
        max_steps: 100,
        idle_clock: false,
        spurious: false,
    };
    let mut execution = Execution::default();
    execution.begin(&plan);
    let place = Place::here();
    execution.arrive(MAIN, Op::Yield, place);
    assert_eq!(execution.next(), Next::Resume(MAIN));
    (execution, place)
}

/// The last event's place, if it is of this kind.
fn last(execution: &mut Execution, op: OpKind) -> Place {
    let event = *execution.trace().events.last().expect("an event");
    assert_eq!(event.op, op);
    event.place
}

#[test]
fn an_operation_lies_where_it_arrived() {
    let (mut execution, place) = after_an_operation();
    assert_eq!(last(&mut execution, OpKind::Yield), place);
}

#[test]
fn what_is_told_beside_operations_lies_where_it_was_told() {
    let (mut execution, operation) = after_an_operation();
    let own = Place::here();
    assert_ne!(own, operation);
    execution.note_goexit(MAIN, own);
    assert_eq!(last(&mut execution, OpKind::Goexit), own);

    let own = Place::here();
    execution.waker_dropped(MAIN, ObjIx::new(0), MAIN, own);
    assert_eq!(last(&mut execution, OpKind::DropWaker), own);

    let frame = Frame { file: "src/a.rs".to_owned(), line: 3, column: 5, function: None, folded: false };
    execution.note_panic(MAIN, "no".to_owned(), Some(frame.clone()), None);
    let Place::Stack(stack) = last(&mut execution, OpKind::Panic) else { panic!("a stack of one frame") };
    assert_eq!(execution.trace().stacks[stack], [frame]);
}

#[test]
fn a_plain_access_lies_where_it_was_made() {
    let (mut execution, operation) = after_an_operation();
    let made = Place::here();
    let spec = ObjectSpec { kind: ObjectKind::Cell, made, name: None, type_name: || "u8", initial: 0 };
    let cell = execution.register(MAIN, spec);
    let own = Place::here();
    assert_ne!(own, operation);
    assert_eq!(execution.access(MAIN, cell, OpKind::Write, own), PlainAccess::Granted);
    assert_eq!(last(&mut execution, OpKind::Write), own);
}

#[test]
fn a_timer_fires_where_it_was_armed() {
    let (mut execution, _) = after_an_operation();
    let armed = Place::here();
    execution.arrive(MAIN, Op::Of(PrimitiveOp::Timer(TimerOp::Sleep { nanos: 5 })), armed);
    assert_eq!(execution.next(), Next::Resume(MAIN));
    let events = &execution.trace().events;
    let fire = events.iter().find(|event| event.op == OpKind::Fire).expect("the clock");
    assert_eq!(fire.place, armed);
    assert_ne!(fire.task, MAIN);
}
