//! Tokens: what is written is read again, and what was damaged is refused.

use super::generate::Random;
use crate::plan::{Deviation, Schedule};
use crate::{Mark, Token, TokenError};
use gorace_analyzer_core::{OpKind, TaskPath};

fn path(random: &mut Random) -> TaskPath {
    (0..random.below(4)).fold(TaskPath::main(), |path, _| {
        let ordinal = [1, 2, 127, 128, 70_000, u32::MAX][random.below(6)];
        path.child(ordinal)
    })
}

fn token(random: &mut Random) -> Token {
    let deviation = |random: &mut Random| {
        let (task, count) = (path(random), random.below(300) as u32);
        if random.below(3) == 0 {
            Deviation::Choice { task, count, taken: 1 + random.below(200) as u32 }
        } else {
            let op = OpKind::ALL[random.below(OpKind::ALL.len())];
            Deviation::Switch { task, count, to: path(random), op }
        }
    };
    let deviations: Vec<Deviation> = (0..random.below(12)).map(|_| deviation(random)).collect();
    let mark = |deviation: &Deviation, random: &mut Random| {
        let is_switch = matches!(deviation, Deviation::Switch { .. });
        let sort = if is_switch { random.below(1 << 16) } else { random.below(2) } as u16;
        Mark { sort, nth: random.below(1_000) as u32, line: random.below(100_000) as u32 }
    };
    let is_marked = random.below(2) == 0;
    let marks = deviations.iter().filter(|_| is_marked).map(|deviation| mark(deviation, random)).collect();
    // The versions 1, 2, and 3.
    let shape = Some(random.below(u32::MAX as usize) as u32).filter(|_| is_marked && random.below(2) == 0);
    let schedule = Schedule { deviations, marks, shape };
    Token { program: Some(random.below(u32::MAX as usize) as u32), schedule }
}

#[test]
fn what_is_written_is_read() {
    let mut random = Random::new(1);
    for _ in 0..5_000 {
        let token = token(&mut random);
        assert_eq!(Token::parse(&token.to_string()), Ok(token));
    }
    assert_eq!(Token::parse("v1."), Ok(Token::default()));
    assert_eq!(Token::parse(" v1. \n"), Ok(Token::default()));
}

#[test]
fn what_was_damaged_is_refused() {
    let mut random = Random::new(2);
    let alphabet: Vec<char> = "ABCxyz019-_.=+/ é".chars().collect();
    for _ in 0..5_000 {
        let token = token(&mut random);
        let text = token.to_string();
        let chars: Vec<char> = text.chars().collect();
        let at = 3 + random.below(chars.len() - 3);
        let mut changed = chars.clone();
        match random.below(3) {
            0 => changed.truncate(at),
            1 => changed[at] = alphabet[random.below(alphabet.len())],
            _ => changed.insert(at, alphabet[random.below(alphabet.len())]),
        }
        let changed: String = changed.into_iter().collect();
        // `v1.` alone is a token of its own: the default schedule of any program.
        if changed.trim() != text && changed.trim() != "v1." {
            assert_eq!(Token::parse(&changed), Err(TokenError::Damaged), "{text} as {changed}");
        }
    }
}

#[test]
fn what_is_no_token_is_named() {
    for text in ["", "v4.AAAA", "hello", "v1", "\u{1f980}\u{1f980}\u{1f980}", "V1.AAAA"] {
        assert!(matches!(Token::parse(text), Err(TokenError::Version(_))), "{text}");
    }
    let long = "x".repeat(100_000);
    let Err(error) = Token::parse(&long) else { panic!("no token") };
    assert_eq!(
        error.to_string(),
        "expected a schedule token that starts with `v1.`, `v2.` or `v3.`, got `xxxxxxxx`"
    );
}

/// The format is a promise: tokens in bug trackers outlive the version that wrote them.
#[test]
fn the_format_stays() {
    let deviations = vec![
        Deviation::Switch {
            task: TaskPath::main(),
            count: 3,
            to: TaskPath::main().child(1),
            op: OpKind::Spawn,
        },
        Deviation::Choice { task: TaskPath::main().child(2), count: 130, taken: 1 },
    ];
    let token = Token {
        program: Some(0x0403_0201),
        schedule: Schedule { deviations: deviations.clone(), marks: Vec::new(), shape: None },
    };
    // By hand, from the grammar: program; tag 0, path [], 3, path [1], op 0; tag 1, path [2], 130, 1.
    let mut bytes = vec![1, 2, 3, 4, 0, 0, 3, 1, 1, 0, 1, 1, 2, 0x82, 1, 1];
    bytes.extend_from_slice(&sum(&bytes));
    use base64::Engine as _;
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(token.to_string(), format!("v1.{text}"));
    let marks = vec![Mark { sort: 0x0605, nth: 2, line: 130 }, Mark { sort: 1, nth: 1, line: 9 }];
    let token = Token { schedule: Schedule { deviations, marks, shape: None }, ..token };
    // Program; twice 3, main, 0.1, op 0, sort, 2, 130; twice 130 and 1, 0.2, twice 1 and 1, 1, 9.
    let mut bytes = vec![1, 2, 3, 4, 6, 0, 2, 0, 5, 6, 2, 0x82, 1, 0x85, 2, 3, 3, 1, 9];
    bytes.extend_from_slice(&sum(&bytes));
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(token.to_string(), format!("v2.{text}"));
    let token = Token { schedule: Schedule { shape: Some(0x0d0c_0b0a), ..token.schedule }, ..token };
    // Program; shape; and as before.
    let mut bytes = vec![1, 2, 3, 4, 10, 11, 12, 13, 6, 0, 2, 0, 5, 6, 2, 0x82, 1, 0x85, 2, 3, 3, 1, 9];
    bytes.extend_from_slice(&sum(&bytes));
    let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(token.to_string(), format!("v3.{text}"));
}

/// FNV-1a, folded.
fn sum(bytes: &[u8]) -> [u8; 4] {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in bytes {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    ((hash ^ (hash >> 32)) as u32).to_le_bytes()
}

/// "Under 200 characters for up to 3 preemptions and 8 other non-default choices", in a file of some thousand lines
/// and with tasks of some hundred events.
#[test]
fn tokens_are_short() {
    let path = |i| TaskPath::main().child(i);
    let switch = |i| Deviation::Switch { task: path(i), count: 300, to: path(i + 1), op: OpKind::Spawn };
    let deviations: Vec<Deviation> = (1..=11).map(switch).collect();
    let marks = vec![Mark { sort: 0xffff, nth: 100, line: 5_000 }; 11];
    let token = Token { program: Some(7), schedule: Schedule { deviations, marks, shape: Some(7) } };
    assert!(token.to_string().len() < 200, "{}", token.to_string().len());
}
