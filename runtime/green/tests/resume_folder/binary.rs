//! The test `twice` of a binary of the same name.

use gorace::sync::{Arc, Mutex};
use gorace::{Checker, Outcome};

pub fn check() -> Outcome {
    Checker::new().name("twice").max_executions(10).run(|| {
        let x = Arc::new(Mutex::new(0));
        let tasks = [(); 4].map(|()| x.clone()).map(|x| gorace::go!({ *x.lock().unwrap() += 1 }));
        tasks.into_iter().for_each(|task| task.join().unwrap());
    })
}
