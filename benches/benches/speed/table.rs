//! The one table that is printed, row by row as the figures come.

/// Prints the head.
pub fn head() {
    row(["", "gorace", "beside it", "ratio", ""]);
    println!("{}", "-".repeat(112));
}

/// Prints a row: what is measured, gorace's figure, the other one, how many times better gorace is, and a remark.
pub fn row([what, ours, theirs, ratio, remark]: [&str; 5]) {
    let line = format!("{what:<30} {ours:>22} {theirs:>24} {ratio:>10}  {remark}");
    println!("{}", line.trim_end());
}

/// So many times.
pub fn times(ratio: f64) -> String {
    match ratio {
        ratio if ratio >= 100.0 => format!("{ratio:.0}x"),
        ratio if ratio >= 10.0 => format!("{ratio:.1}x"),
        _ => format!("{ratio:.2}x"),
    }
}

/// A time in its unit.
pub fn time(seconds: f64) -> String {
    match seconds {
        s if s >= 1.0 => format!("{s:.2} s"),
        s if s >= 1e-3 => format!("{:.2} ms", s * 1e3),
        s if s >= 1e-6 => format!("{:.2} us", s * 1e6),
        s => format!("{:.1} ns", s * 1e9),
    }
}
