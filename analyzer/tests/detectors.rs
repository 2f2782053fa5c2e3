//! Deadlocks, leaks, panics: what each detector must find, and what it must leave alone.

use gorace_analyzer::detect::{Detectors, cycles, spin};
use gorace_analyzer::trace::Ended;
use gorace_analyzer::{
    Event, EventIx, FindingKind, ObjIx, ObjectInfo, ObjectKind, OpKind, Order, Place, TaskEnd, TaskInfo,
    TaskIx, TaskPath, Trace, Waiting,
};

/// How a task of a [`scene`] ended.
#[derive(Clone, Copy)]
enum At {
    Done,
    Detached(&'static At),
    /// Waits for a lock that this task holds.
    Lock(u32),
    Join(u32),
    /// Waits to write what these tasks, one bit each, read.
    Write(u32),
    /// Waits for a message.
    Recv,
    Panicked {
        taken: bool,
    },
    Misused,
    Running,
}

/// A trace whose tasks ended like this. Each lock is an object of its own.
fn scene(ends: &[At]) -> Trace {
    let mut trace = Trace::default();
    for (i, at) in ends.iter().enumerate() {
        let (at, detached) = match at {
            At::Detached(at) => (**at, true),
            at => (*at, false),
        };
        let task = TaskIx(i as u32);
        let end = match at {
            At::Done | At::Detached(_) => TaskEnd::Finished,
            At::Running => TaskEnd::Running,
            At::Panicked { .. } | At::Misused => TaskEnd::Panicked {
                message: "why".to_owned(),
                place: Place::Unknown,
                taken: matches!(at, At::Panicked { taken: true }),
                misuse: matches!(at, At::Misused).then_some("close of closed channel"),
            },
            At::Lock(_) | At::Join(_) | At::Write(_) | At::Recv => {
                let (op, value) = match at {
                    At::Lock(_) => (OpKind::Lock, 0),
                    At::Write(_) => (OpKind::WriteLock, 0),
                    At::Join(other) => (OpKind::Join, u64::from(other)),
                    _ => (OpKind::Recv, 0),
                };
                let held = match at {
                    At::Lock(owner) => 1 << owner,
                    At::Write(owners) => owners,
                    _ => 0,
                };
                let held = (0..32).filter(|owner| held >> owner & 1 == 1);
                trace
                    .objects
                    .push(object(ObjectKind::RwLock, held.map(|o| (TaskIx(o), EventIx(0))).collect()));
                let object = Some(ObjIx::new(trace.objects.len() as u32 - 1));
                trace.events.push(event(task, op, object, value));
                TaskEnd::Blocked(Waiting::On { event: EventIx(trace.events.len() as u32 - 1) })
            }
        };
        let path = if i == 0 { TaskPath::main() } else { TaskPath::main().child(i as u32) };
        trace.tasks.push(TaskInfo { path, name: None, spawned: None, detached, end });
    }
    trace
}

fn event(task: TaskIx, op: OpKind, object: Option<ObjIx>, value: u64) -> Event {
    let (order, place) = (Order::None, Place::Unknown);
    Event { task, object, other: None, op, order, value, seen: 0, place }
}

fn object(kind: ObjectKind, held: Vec<(TaskIx, EventIx)>) -> ObjectInfo {
    ObjectInfo {
        kind,
        task: TaskPath::main(),
        ordinal: 0,
        made: Place::Unknown,
        name: None,
        type_name: String::new(),
        held,
        capacity: None,
    }
}

fn found(trace: &Trace) -> Vec<FindingKind> {
    let mut findings = Vec::new();
    Detectors::default().run(trace, 1000, &mut findings);
    findings.into_iter().map(|finding| finding.kind).collect()
}

fn deadlock(global: bool, blocked: &[u32], cycle: &[u32]) -> FindingKind {
    let tasks = |list: &[u32]| list.iter().map(|task| TaskIx(*task)).collect();
    FindingKind::Deadlock { global, blocked: tasks(blocked), cycle: tasks(cycle) }
}

fn leak(task: u32) -> FindingKind {
    FindingKind::Leak { task: TaskIx(task) }
}

#[test]
fn everybody_done_is_clean() {
    assert_eq!(found(&scene(&[At::Done, At::Done, At::Panicked { taken: true }])), []);
}

#[test]
fn main_that_waits_for_ever_is_a_deadlock() {
    assert_eq!(found(&scene(&[At::Recv, At::Done])), [deadlock(true, &[0], &[])]);
    // Whoever else is stuck belongs to it, and is no leak.
    let trace = scene(&[At::Join(1), At::Lock(2), At::Lock(1), At::Recv]);
    assert_eq!(found(&trace), [deadlock(true, &[0, 1, 2, 3], &[1, 2])]);
}

#[test]
fn a_cycle_is_a_deadlock_even_if_main_is_done() {
    let trace = scene(&[At::Done, At::Lock(2), At::Lock(1), At::Done]);
    assert_eq!(found(&trace), [deadlock(false, &[1, 2], &[1, 2])]);
    // A task that waits for itself.
    assert_eq!(found(&scene(&[At::Done, At::Lock(1)])), [deadlock(false, &[1], &[1])]);
    // Two that join each other, and two cycles at once.
    let trace = scene(&[At::Done, At::Join(2), At::Join(1), At::Lock(4), At::Join(3)]);
    let blocked = [1, 2, 3, 4];
    assert_eq!(found(&trace), [deadlock(false, &blocked, &[1, 2]), deadlock(false, &blocked, &[3, 4])]);
}

#[test]
fn whoever_is_stuck_behind_a_cycle_is_no_leak() {
    let trace = scene(&[At::Done, At::Lock(2), At::Lock(1), At::Join(1), At::Recv]);
    assert_eq!(found(&trace), [deadlock(false, &[1, 2, 3, 4], &[1, 2]), leak(4)]);
}

#[test]
fn a_task_that_waits_after_main_is_a_leak() {
    assert_eq!(found(&scene(&[At::Done, At::Recv, At::Done, At::Recv])), [leak(1), leak(3)]);
    // Waiting for a leaked task leaks too; nothing goes round.
    assert_eq!(found(&scene(&[At::Done, At::Join(2), At::Recv])), [leak(1), leak(2)]);
}

#[test]
fn a_detached_task_may_wait_for_ever() {
    assert_eq!(found(&scene(&[At::Done, At::Detached(&At::Recv)])), []);
    // But not in a circle.
    let trace = scene(&[At::Done, At::Detached(&At::Lock(2)), At::Detached(&At::Lock(1))]);
    assert_eq!(found(&trace), [deadlock(false, &[1, 2], &[1, 2])]);
}

#[test]
fn a_cut_execution_shows_cycles_but_no_leaks() {
    let mut trace = scene(&[At::Running, At::Recv, At::Lock(3), At::Lock(2)]);
    trace.ended = Ended::StepLimit;
    let found = found(&trace);
    assert!(found.contains(&deadlock(false, &[1, 2, 3], &[2, 3])), "{found:?}");
    assert!(!found.iter().any(|kind| matches!(kind, FindingKind::Leak { .. })), "{found:?}");
    let livelock = FindingKind::Livelock { running: vec![TaskIx(0)], max_steps: 1000 };
    assert!(found.contains(&livelock), "{found:?}");
}

/// A trace of one running task that did these things, over and over.
fn runs(prefix: &[(OpKind, u64)], round: &[(OpKind, u64)], rounds: usize) -> Trace {
    let mut trace = scene(&[At::Running, At::Done]);
    trace.ended = Ended::StepLimit;
    let steps = prefix.iter().chain(std::iter::repeat_n(round, rounds).flatten());
    trace.events.extend(steps.map(|(op, value)| Event {
        task: TaskIx(0),
        object: Some(ObjIx::new(0)),
        other: None,
        op: *op,
        order: Order::SeqCst,
        value: *value,
        seen: 0,
        place: Place::Unknown,
    }));
    trace
}

/// A spin begins after the last step that changed something; each kind of look is named once.
#[test]
fn a_trace_that_ends_in_looks_alone_is_a_spin() {
    let prefix = [(OpKind::Load, 0), (OpKind::Store, 1)];
    let trace = runs(&prefix, &[(OpKind::Load, 1), (OpKind::Yield, 0)], 50);
    let before = trace.events.len() as u32 - 100;
    let spin = spin(&trace).expect("it only looks");
    assert_eq!(spin.since, EventIx(before));
    assert_eq!(spin.tasks, [(TaskIx(0), vec![EventIx(before), EventIx(before + 1)])]);
}

#[test]
fn who_changes_something_does_not_spin() {
    let changes = [
        OpKind::Store,
        OpKind::Rmw,
        OpKind::Lock,
        OpKind::Unlock,
        OpKind::Send,
        OpKind::TrySend,
        OpKind::NotifyOne,
        OpKind::Unpark,
        OpKind::Spawn,
        OpKind::Fire,
        OpKind::Now,
    ];
    for change in changes {
        assert_eq!(spin(&runs(&[], &[(OpKind::Load, 0), (change, 0)], 50)), None, "{change:?}");
    }
    // Waking somebody else changes something, waking oneself does not.
    assert_eq!(spin(&runs(&[], &[(OpKind::Wake, 1), (OpKind::Await, 0)], 50)), None);
    assert!(spin(&runs(&[], &[(OpKind::Wake, 0), (OpKind::Await, 0)], 50)).is_some());
}

#[test]
fn a_task_that_hardly_ran_is_not_said_to_spin() {
    assert_eq!(spin(&runs(&[(OpKind::Store, 0)], &[(OpKind::Load, 0)], 5)), None);
    let mut trace = runs(&[(OpKind::Store, 0)], &[(OpKind::Load, 0)], 50);
    trace.tasks[1].end = TaskEnd::Running;
    assert_eq!(spin(&trace), None, "the other one could still run, and nobody knows what it would do");
}

#[test]
fn an_execution_that_was_dropped_shows_nothing() {
    let mut trace = scene(&[At::Panicked { taken: false }, At::Recv]);
    trace.ended = Ended::Dropped;
    assert_eq!(found(&trace), []);
}

#[test]
fn an_execution_that_was_given_up_shows_nothing() {
    for ended in [Ended::Abandoned, Ended::Diverged] {
        let mut trace = scene(&[At::Recv, At::Lock(1), At::Misused]);
        trace.ended = ended;
        assert_eq!(found(&trace), []);
    }
}

#[test]
fn a_panic_is_a_finding_unless_somebody_took_it() {
    let trace = scene(&[At::Done, At::Panicked { taken: false }, At::Panicked { taken: true }]);
    assert_eq!(found(&trace), [FindingKind::Panic { task: TaskIx(1) }]);
    // A misuse is told as such, whoever takes the panic that it raises.
    let words = "close of closed channel";
    assert_eq!(found(&scene(&[At::Done, At::Misused])), [FindingKind::Misuse { task: TaskIx(1), words }]);
}

#[test]
fn what_follows_on_a_panic_is_marked() {
    let trace = scene(&[At::Done, At::Panicked { taken: false }, At::Recv]);
    let mut findings = Vec::new();
    Detectors::default().run(&trace, 1000, &mut findings);
    let after: Vec<_> = findings.iter().map(|finding| (finding.kind.clone(), finding.after_panic)).collect();
    assert_eq!(after, [(FindingKind::Panic { task: TaskIx(1) }, false), (leak(2), true)]);
    // A misuse is a panic, too.
    Detectors::default().run(&scene(&[At::Done, At::Misused, At::Recv]), 1000, &mut findings);
    let after: Vec<_> = findings.iter().map(|finding| finding.after_panic).collect();
    assert_eq!(after, [false, true]);
}

/// The sets of tasks that wait for each other in a circle, each sorted: petgraph's strongly connected components.
fn components(ends: &[At]) -> Vec<Vec<TaskIx>> {
    let mut graph = petgraph::graph::DiGraph::<TaskIx, ()>::new();
    let nodes: Vec<_> = (0..ends.len() as u32).map(|task| graph.add_node(TaskIx(task))).collect();
    for (node, at) in nodes.iter().zip(ends) {
        let owners = match at {
            At::Lock(owner) | At::Join(owner) => 1 << owner,
            At::Write(owners) => *owners,
            _ => 0,
        };
        for owner in (0..ends.len()).filter(|owner| owners >> owner & 1 == 1) {
            graph.add_edge(*node, nodes[owner], ());
        }
    }
    let components = petgraph::algo::tarjan_scc(&graph).into_iter();
    let circles = components.filter(|nodes| nodes.len() > 1 || graph.contains_edge(nodes[0], nodes[0]));
    let mut circles: Vec<Vec<TaskIx>> = circles
        .map(|nodes| {
            let mut tasks: Vec<TaskIx> = nodes.into_iter().map(|node| graph[node]).collect();
            tasks.sort_unstable();
            tasks
        })
        .collect();
    circles.sort();
    circles
}

/// Every graph in which each of up to five tasks waits for at most one: our cycles are petgraph's components.
#[test]
fn cycles_are_the_strongly_connected_components() {
    for n in 1..=5_u32 {
        for code in 0..(n + 1).pow(n) {
            let target = |task: u32| code / (n + 1).pow(task) % (n + 1);
            let ends: Vec<At> = (0..n)
                .map(|task| match target(task) {
                    owner if owner == n => At::Recv,
                    owner if (task + owner) % 2 == 0 => At::Lock(owner),
                    owner => At::Join(owner),
                })
                .collect();
            let trace = scene(&ends);
            let mut ours = cycles(&trace);
            for cycle in &mut ours {
                // Each waits for the next one, all round.
                for (i, task) in cycle.iter().enumerate() {
                    assert_eq!(target(task.0), cycle[(i + 1) % cycle.len()].0);
                }
                cycle.sort_unstable();
            }
            ours.sort();
            assert_eq!(ours, components(&ends), "{code} of {n}");
        }
    }
}

/// Every graph of four tasks, each waiting for any of them: one cycle of each component, and a shortest one
/// through the component's lowest task.
#[test]
fn each_component_has_one_cycle() {
    let tasks = 4_usize;
    for code in 0..1_u32 << (tasks * tasks) {
        let owners = |task: usize| code >> (task * tasks) & ((1 << tasks) - 1);
        let ends: Vec<At> = (0..tasks).map(|task| At::Write(owners(task))).collect();
        let components = components(&ends);
        let ours = cycles(&scene(&ends));
        assert_eq!(ours.len(), components.len(), "{code:x}: {ours:?}");
        for cycle in &ours {
            for (i, task) in cycle.iter().enumerate() {
                assert_eq!(owners(task.at()) >> cycle[(i + 1) % cycle.len()].0 & 1, 1, "{code:x}: {ours:?}");
            }
            let component = components.iter().find(|component| component[0] == cycle[0]);
            let component = component.unwrap_or_else(|| panic!("{code:x}: {cycle:?} begins no component"));
            assert!(cycle.iter().all(|task| component.contains(task)), "{code:x}: {ours:?}");
            // The steps that a walk from the lowest task needs to come back, by powers of the graph.
            let mut reached = owners(cycle[0].at());
            let mut steps = 1;
            while reached >> cycle[0].0 & 1 == 0 {
                let next = (0..tasks).filter(|task| reached >> task & 1 == 1).map(owners);
                reached = next.fold(0, |all, owners| all | owners);
                steps += 1;
            }
            assert_eq!(cycle.len(), steps, "{code:x}: {ours:?}");
        }
    }
}

/// Main that called `goexit` has not returned: the program is dead once nobody can run, and nobody leaks.
#[test]
fn main_that_ended_itself_leaves_a_dead_program() {
    for (others, blocked) in [(&[At::Done][..], &[][..]), (&[At::Done, At::Recv], &[2])] {
        let mut ends = vec![At::Done];
        ends.extend_from_slice(others);
        let mut trace = scene(&ends);
        trace.events.push(event(TaskIx(0), OpKind::Goexit, None, 0));
        assert_eq!(found(&trace), [deadlock(true, blocked, &[])]);
    }
    // Another task's is its own affair.
    let mut trace = scene(&[At::Done, At::Recv]);
    trace.events.push(event(TaskIx(1), OpKind::Goexit, None, 0));
    assert_eq!(found(&trace), [leak(1)]);
}
