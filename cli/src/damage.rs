//! Damaged files, for tests of the readers: cut, mixed up, with parts twice, with what nobody expects.
//!
//! `GORACE_FUZZ_FILES` and `GORACE_FUZZ_SEED` set how many there are of each file, and the first seed.

const UNEXPECTED: &[&str] = &[
    "\0",
    "\u{1b}[31m",
    "\u{202e}",
    "\"",
    "'",
    "]",
    "[",
    "{",
    "}",
    "=",
    "\n",
    "\r\n",
    "#",
    "\\",
    "\\u0000",
    "-1",
    "1e999",
    "18446744073709551616",
    "null",
    "[[",
    "]]",
    "\u{1f980}",
    "v1.",
    "v2.x",
    "GR0001",
    "true",
    "2026-01-01",
];

/// Numbers: SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// Calls `read` with damaged forms of a whole file; that it returns is what counts.
pub fn each(whole: &str, mut read: impl FnMut(&str)) {
    let variable = |name: &str, usual: u64| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual)
    };
    let (files, seed) = (variable("GORACE_FUZZ_FILES", 2_000), variable("GORACE_FUZZ_SEED", 1));
    for number in 0..files {
        let mut random = Random(seed.wrapping_mul(0x1_0000_0000).wrapping_add(number));
        let mut chars: Vec<char> = whole.chars().collect();
        for _ in 0..=random.below(4) {
            damage(&mut chars, &mut random);
        }
        read(&chars.into_iter().collect::<String>());
    }
}

fn damage(chars: &mut Vec<char>, random: &mut Random) {
    let from = random.below(chars.len());
    let to = (from + random.below(20)).min(chars.len());
    match random.below(5) {
        0 => chars.truncate(from),
        1 => drop(chars.drain(from..to)),
        2 => {
            let part = chars[from..to].to_vec();
            let at = random.below(chars.len());
            chars.splice(at..at, part);
        }
        3 => {
            let text = UNEXPECTED[random.below(UNEXPECTED.len())];
            chars.splice(from..to, text.chars());
        }
        _ => {
            let text = UNEXPECTED[random.below(UNEXPECTED.len())];
            chars.splice(from..from, text.chars());
        }
    }
}
