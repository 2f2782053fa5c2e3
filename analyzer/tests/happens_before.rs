//! Happens-before and the race detector against their definitions, on random traces.
//!
//! The reference builds the graph of all events and asks for paths: no clocks, no epochs, no walk. What an
//! atomic read synchronises with is written from the C++20 standard ([intro.races], [atomics.fences]).

mod random;

use gorace_analyzer::detect::RaceDetector;
use gorace_analyzer::hb::clocks_at;
use gorace_analyzer::{
    Edge, EdgeKind, Event, EventIx, FindingKind, ObjIx, ObjectInfo, ObjectKind, OpKind, Order, Place,
    TaskEnd, TaskInfo, TaskIx, TaskPath, Trace,
};
use random::Random;

const TASKS: usize = 3;
/// Objects: two cells, then two atomics, then one lock as the object of everything else.
const CELLS: u32 = 2;
const OBJECTS: u32 = 5;

fn task(index: usize) -> TaskInfo {
    let path = if index == 0 { TaskPath::main() } else { TaskPath::main().child(index as u32) };
    TaskInfo { path, name: None, spawned: None, detached: false, end: TaskEnd::Finished }
}

fn object(index: u32) -> ObjectInfo {
    let kind = match index {
        0..CELLS => ObjectKind::Cell,
        2 | 3 => ObjectKind::Atomic,
        _ => ObjectKind::Mutex,
    };
    ObjectInfo {
        kind,
        task: TaskPath::main(),
        ordinal: index,
        made: Place::Unknown,
        name: None,
        type_name: String::new(),
        held: Vec::new(),
        capacity: None,
    }
}

/// A trace that the engine might write, as far as the order of events goes.
fn trace(random: &mut Random) -> Trace {
    let mut trace = Trace {
        tasks: (0..TASKS).map(task).collect(),
        objects: (0..OBJECTS).map(object).collect(),
        ..Trace::default()
    };
    let length = 4 + random.below(16);
    while trace.events.len() < length {
        step(random, &mut trace);
    }
    trace
}

fn step(random: &mut Random, trace: &mut Trace) {
    let now = trace.events.len();
    if now > 0 && random.below(5) == 0 {
        // Something of an earlier event's lets a task go on that had arrived before.
        let from = EventIx(random.below(now) as u32);
        let to = EventIx(random.below(now) as u32);
        let task = trace.event(to).task;
        let is_plain_release = matches!(trace.event(from).op, OpKind::Unlock);
        if trace.event(from).task != task && is_plain_release {
            trace.edges.push(Edge { from, to, task, at: now as u32, kind: EdgeKind::Unlock });
        }
        return;
    }
    const RELEASING: [Order; 3] = [Order::Relaxed, Order::Release, Order::SeqCst];
    const ACQUIRING: [Order; 3] = [Order::Relaxed, Order::Acquire, Order::SeqCst];
    const ANY: [Order; 5] = [Order::Relaxed, Order::Release, Order::Acquire, Order::AcqRel, Order::SeqCst];
    let cell = random.below(CELLS as usize) as u32;
    let atomic = CELLS + random.below(2) as u32;
    let (op, object, order) = match random.below(10) {
        0 | 1 => (OpKind::Read, Some(cell), Order::None),
        2 | 3 => (OpKind::Write, Some(cell), Order::None),
        4 | 5 => (OpKind::Load, Some(atomic), ACQUIRING[random.below(3)]),
        6 => (OpKind::Store, Some(atomic), RELEASING[random.below(3)]),
        7 => (OpKind::Rmw, Some(atomic), ANY[random.below(5)]),
        8 => (OpKind::Fence, None, ANY[1 + random.below(4)]),
        _ => (OpKind::Unlock, Some(4), Order::None),
    };
    trace.events.push(Event {
        task: TaskIx(random.below(TASKS) as u32),
        object: object.map(ObjIx::new),
        other: None,
        op,
        order,
        value: 0,
        seen: 0,
        place: Place::Unknown,
    });
    if matches!(op, OpKind::Load | OpKind::Rmw) {
        let wrote = |event: &&Event| matches!(event.op, OpKind::Store | OpKind::Rmw);
        let before = trace.events[..now].iter();
        let writes: Vec<usize> = before
            .enumerate()
            .filter(|(_, event)| wrote(event) && event.object == object.map(ObjIx::new))
            .map(|(i, _)| i)
            .collect();
        if let Some(last) = writes.last() {
            // A load may see an older store; a read-modify-write sees the latest.
            let from = if op == OpKind::Rmw { *last } else { writes[random.below(writes.len())] };
            let (from, to) = (EventIx(from as u32), EventIx(now as u32));
            let task = trace.event(to).task;
            trace.edges.push(Edge { from, to, task, at: now as u32 + 1, kind: EdgeKind::ReadsFrom });
        }
    }
}

/// `before[a][b]`: `a` happens before `b`.
#[allow(clippy::needless_range_loop, reason = "a matrix is read by its indices")]
fn reference(trace: &Trace) -> Vec<Vec<bool>> {
    let n = trace.events.len();
    let mut before = vec![vec![false; n]; n];
    let same_task = |a: usize, b: usize| trace.events[a].task == trace.events[b].task;
    for b in 0..n {
        for a in 0..b {
            before[a][b] = same_task(a, b);
        }
    }
    let source = |read: usize| {
        let edge = trace.edges.iter().find(|e| e.kind == EdgeKind::ReadsFrom && e.to.at() == read)?;
        Some(edge.from.at())
    };
    for edge in trace.edges.iter().filter(|edge| edge.kind != EdgeKind::ReadsFrom) {
        for later in edge.at as usize..n {
            before[edge.from.at()][later] |= trace.events[later].task == edge.task;
        }
    }
    let fences = |acquire: bool| {
        (0..n).filter(move |i| {
            let event = &trace.events[*i];
            event.op == OpKind::Fence && if acquire { event.order.acquires() } else { event.order.releases() }
        })
    };
    for read in 0..n {
        // Whoever publishes by the store that was read: it heads the release sequence, or heads one that
        // read-modify-writes carry on up to it, or a fence before such a head does.
        let mut releases = Vec::new();
        let mut at = source(read);
        while let Some(store) = at {
            if trace.events[store].order.releases() {
                releases.push(store);
            }
            releases.extend(fences(false).filter(|fence| *fence < store && same_task(*fence, store)));
            at = if trace.events[store].op == OpKind::Rmw { source(store) } else { None };
        }
        let mut acquires: Vec<usize> = fences(true).filter(|f| *f > read && same_task(*f, read)).collect();
        if trace.events[read].order.acquires() {
            acquires.push(read);
        }
        for release in releases {
            acquires.iter().for_each(|acquire| before[release][*acquire] |= release != *acquire);
        }
    }
    for k in 0..n {
        for a in 0..n {
            for b in 0..n {
                before[a][b] |= before[a][k] && before[k][b];
            }
        }
    }
    before
}

#[test]
fn clocks_are_the_transitive_closure() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut across = 0;
    for round in 0..20_000 {
        let trace = trace(&mut random);
        let before = reference(&trace);
        let all: Vec<EventIx> = (0..trace.events.len() as u32).map(EventIx).collect();
        let clocks = clocks_at(&trace, &all);
        for b in 0..all.len() {
            for a in (0..b).filter(|a| trace.events[*a].task != trace.events[b].task) {
                let task = trace.events[a].task;
                let ordinal = trace.events[..=a].iter().filter(|event| event.task == task).count() as u32;
                let covered = clocks[b].get(task) >= ordinal;
                assert_eq!(covered, before[a][b], "round {round}: {a} before {b} in {trace:#?}");
                across += u32::from(covered);
            }
        }
    }
    assert!(across > 30_000, "hardly any order between tasks: {across}");
}

#[test]
fn races_are_pairs_that_nothing_orders() {
    let mut random = Random(0x0123_4567_89ab_cdef);
    let mut detector = RaceDetector::default();
    let (mut racy, mut clean) = (0, 0);
    for round in 0..20_000 {
        let trace = trace(&mut random);
        let before = reference(&trace);
        let race = |a: usize, b: usize| {
            let (x, y) = (&trace.events[a], &trace.events[b]);
            let both_plain = x.op.is_plain() && y.op.is_plain() && x.object == y.object;
            let writes = x.op == OpKind::Write || y.op == OpKind::Write;
            both_plain && writes && x.task != y.task && !before[a][b] && !before[b][a]
        };
        let mut findings = Vec::new();
        detector.detect(&trace, &mut findings);
        let mut found = vec![false; CELLS as usize];
        for finding in &findings {
            let FindingKind::DataRace { first, second } = finding else { panic!("{finding:?}") };
            assert!(race(first.at(), second.at()), "round {round}: {finding:?} is no race in {trace:#?}");
            found[trace.event(*first).object.map_or(0, ObjIx::at)] = true;
        }
        for cell in 0..CELLS {
            let on_cell = |i: &usize| trace.events[*i].object == Some(ObjIx::new(cell));
            let all: Vec<usize> = (0..trace.events.len()).filter(on_cell).collect();
            let expected = all.iter().any(|b| all.iter().any(|a| a < b && race(*a, *b)));
            assert_eq!(found[cell as usize], expected, "round {round}, cell {cell}: {trace:#?}");
            if expected { racy += 1 } else { clean += 1 }
        }
    }
    assert!(racy > 5_000 && clean > 5_000, "one-sided: {racy} racy cells, {clean} clean ones");
}
