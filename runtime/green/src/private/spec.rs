//! What a macro knows of the function that it stands above.

/// A test or main, and its attribute's options.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs, reason = "named as the attribute's keys")]
pub struct TestSpec {
    pub package: &'static str,
    pub manifest_dir: &'static str,
    pub module: &'static str,
    pub name: &'static str,
    pub strategy: Option<&'static str>,
    pub max_executions: Option<u64>,
    pub max_preemptions: Option<u32>,
    pub max_steps: Option<u64>,
    pub timeout: Option<&'static str>,
    pub jobs: Option<u64>,
    pub seed: Option<u64>,
    pub clock: Option<&'static str>,
    pub keep_going: bool,
    pub spurious: bool,
    pub expect: Option<&'static str>,
    pub allow: &'static [&'static str],
}

/// Without `check` a main runs once.
#[cfg(not(feature = "check"))]
pub fn run_main<R>(_spec: TestSpec, body: fn() -> R) -> R {
    crate::thread::run_main(body)
}
