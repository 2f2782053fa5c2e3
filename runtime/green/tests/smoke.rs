#![cfg(feature = "check")]
use gorace::check::Verdict;
use gorace::sync::{Arc, Mutex};

fn ab_ba() {
    let a = Arc::new(Mutex::new(0));
    let b = Arc::new(Mutex::new(0));
    let (a2, b2) = (a.clone(), b.clone());
    let h = gorace::go!("other", {
        let _b = b2.lock().unwrap();
        let _a = a2.lock().unwrap();
    });
    {
        let _a = a.lock().unwrap();
        let _b = b.lock().unwrap();
    }
    h.join().unwrap();
}

#[test]
fn finds_ab_ba() {
    let outcome = gorace::Checker::new().run(ab_ba);
    println!("{}", outcome.report());
    println!("{} {:?}", outcome.summary(), outcome);
    outcome.expect("deadlock");
}

#[test]
fn counter() {
    let outcome = gorace::Checker::new().run(|| {
        let m = Arc::new(Mutex::new(0));
        let hs: Vec<_> = (0..3)
            .map(|_| {
                let m = m.clone();
                gorace::thread::spawn(move || {
                    *m.lock().unwrap() += 1;
                })
            })
            .collect();
        for h in hs {
            h.join().unwrap();
        }
        assert_eq!(*m.lock().unwrap(), 3);
    });
    println!("{}", outcome.summary());
    outcome.assert_clean();
    assert_eq!((outcome.verdict, outcome.executions), (Verdict::Verified, 6));
}
