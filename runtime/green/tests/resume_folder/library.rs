//! The test `twice` of a library.

use gorace::{Checker, Outcome};

pub fn check() -> Outcome {
    Checker::new().name("twice").max_executions(10).run(|| super::additions(4))
}
