//! The most memory that a run had resident, beyond what there was before. Linux only; elsewhere it is not known.

/// Runs `f`; how many MiB it came to need.
pub fn peak<R>(f: impl FnOnce() -> R) -> (R, Option<f64>) {
    // The kernel's own counter, set back (proc(5), clear_refs).
    let can_reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = if can_reset { status("VmRSS:") } else { None };
    let result = f();
    let peak = before.and_then(|before| Some((status("VmHWM:")? - before).max(0.0)));
    (result, peak)
}

/// A line of the process's status, in MiB.
fn status(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}
