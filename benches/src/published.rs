//! What other people measured of random strategies: how many schedules to the first bug, means over 20 trials with a cap of
//! about 10,000.
//!
//! From the artefact of the SURW paper (Zhao, Wolff, Mathur, Roychoudhury, ASPLOS 2025; zhaohuanqdcn/SURW at 2a4c5de,
//! `stats/`). Its URW is the one that it calls non-selective. `n/20` says how many trials found the bug where not all did.

const STRATEGIES: [&str; 6] = ["surw", "pos", "pct", "pct(10)", "random", "urw"];

const SCHEDULES: [(&str, [&str; 6]); 14] = [
    ("account", ["6", "4", "4", "4", "18", "3"]),
    ("bluetooth_driver", ["70", "36", "112", "83", "215", "1494"]),
    ("deadlock01", ["2", "4", "13", "7", "3", "3"]),
    ("lazy01", ["2", "5", "5", "5", "21", "4"]),
    ("reorder_3", ["7", "86", "185", "148", "0/20", "24"]),
    ("reorder_5", ["10", "2169", "647", "1094", "0/20", "27"]),
    ("reorder_10", ["17", "0/20", "3225, 16/20", "4462, 12/20", "0/20", "74"]),
    ("reorder_20", ["6", "0/20", "3005", "3297, 17/20", "0/20", "10"]),
    ("stack", ["5", "2", "3", "3", "176", "986, 19/20"]),
    ("token_ring", ["8", "9", "8", "8", "13", "9"]),
    ("twostage", ["8", "15", "13", "9", "464", "9"]),
    ("wronglock", ["7", "10", "51", "20", "36", "4"]),
    ("wronglock_3", ["9", "11", "58", "14", "36", "5"]),
    ("bounded_buffer", ["9", "5", "20", "6", "7", "7"]),
];

/// The published mean for a program by a strategy, if there is one: a program of a size that nobody else measured has
/// none, nor has the portfolio.
///
/// ```
/// use gorace_benches::published;
/// assert_eq!(published("reorder_20", "surw"), Some("6"));
/// assert_eq!(published("reorder_20", "portfolio"), None);
/// ```
pub fn published(program: &str, strategy: &str) -> Option<&'static str> {
    let (_, means) = SCHEDULES.iter().find(|(name, _)| *name == program)?;
    STRATEGIES.iter().position(|name| *name == strategy).map(|at| means[at])
}
