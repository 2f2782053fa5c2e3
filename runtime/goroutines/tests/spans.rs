//! What a goroutine tells is told within its span, across its waits, and what others of its thread tell is not.

use gorace_goroutines::{Builder, go, runtime, yield_now};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps what is told: the spans with their parents, and of each event the names of the spans around it.
#[derive(Default)]
struct Told {
    next: AtomicU64,
    spans: Mutex<HashMap<u64, Known>>,
    events: Mutex<Vec<(String, Vec<String>)>>,
    closed: Mutex<Vec<String>>,
}

struct Known {
    name: String,
    fields: String,
    parent: Option<u64>,
    handles: usize,
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

#[derive(Default)]
struct Text(String, Option<String>);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0 += &format!("{}={value:?} ", field.name());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "name" {
            self.1 = Some(value.to_owned());
        }
    }
}

struct Teller(Arc<Told>);

impl Subscriber for Teller {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let id = self.0.next.fetch_add(1, SeqCst) + 1;
        let mut text = Text::default();
        attributes.record(&mut text);
        let name = text.1.unwrap_or_else(|| attributes.metadata().name().to_owned());
        let parent = ENTERED.with_borrow(|entered| entered.last().copied());
        self.0.spans.lock().unwrap().insert(id, Known { name, fields: text.0, parent, handles: 1 });
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let spans = self.0.spans.lock().unwrap();
        let around = ENTERED.with_borrow(|entered| entered.iter().map(|id| spans[id].name.clone()).collect());
        self.0.events.lock().unwrap().push((text.0, around));
    }

    fn enter(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(id.into_u64()));
    }

    fn exit(&self, id: &Id) {
        ENTERED.with_borrow_mut(|entered| assert_eq!(entered.pop(), Some(id.into_u64())));
    }

    fn clone_span(&self, id: &Id) -> Id {
        self.0.spans.lock().unwrap().get_mut(&id.into_u64()).expect("it is known").handles += 1;
        id.clone()
    }

    fn try_close(&self, id: Id) -> bool {
        let mut spans = self.0.spans.lock().unwrap();
        let known = spans.get_mut(&id.into_u64()).expect("it is known");
        known.handles -= 1;
        if known.handles == 0 {
            self.0.closed.lock().unwrap().push(known.name.clone());
        }
        known.handles == 0
    }
}

#[test]
fn a_goroutine_tells_within_its_span() {
    let told = Arc::new(Told::default());
    tracing::subscriber::set_global_default(Teller(told.clone())).expect("there is no other");
    // All on one thread, so that its spans could be mixed up.
    runtime::gomaxprocs(1);
    let outer = go(|| {
        let names = ["a", "b", "c"];
        let inner = names.map(|name| {
            let code = move || {
                for _ in 0..3 {
                    tracing::info!("by {name}");
                    yield_now();
                }
            };
            Builder::new().name(name.to_owned()).go(code).expect("it starts")
        });
        tracing::info!("by the starter");
        inner.map(|one| {
            let thread = one.thread().clone();
            one.join().expect("it does not panic");
            thread
        })
    });
    // Their handles are kept: it is the end that closes a span.
    let kept = outer.join().expect("it does not panic");

    let events = told.events.lock().unwrap();
    assert_eq!(events.len(), 10);
    for (text, around) in events.iter() {
        let name = text.trim().trim_start_matches("message=by ");
        let expected = if name == "the starter" { "goroutine" } else { name };
        assert_eq!(around, &[expected], "{text}");
    }
    let spans = told.spans.lock().unwrap();
    let starter = spans.iter().find(|(_, span)| span.name == "goroutine").map(|(id, _)| *id);
    for span in spans.values().filter(|span| span.name != "goroutine") {
        assert_eq!(span.parent, starter);
        assert!(span.fields.contains("started=runtime/goroutines/tests/spans.rs:"), "{}", span.fields);
        assert!(span.fields.contains("id="), "{}", span.fields);
    }
    drop(spans);
    // A joined one may be on its last steps.
    let closed = || told.closed.lock().unwrap().iter().filter(|name| *name != "goroutine").count();
    while closed() < kept.len() {
        std::thread::yield_now();
    }
}
