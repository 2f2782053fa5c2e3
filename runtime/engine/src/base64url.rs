//! Bytes as text that survives being copied: base64url without padding (RFC 4648, sections 3.2 and 5).
//!
//! Reading is strict, so that a text has one meaning and bytes have one text: no padding, no blanks, and the bits that
//! the last character does not need are 0. It is here, and no library, because every user's test build compiles it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    let (mut waiting, mut bits) = (0_u32, 0);
    for byte in bytes {
        waiting = waiting << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            text.push(char::from(ALPHABET[(waiting >> bits & 63) as usize]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(waiting << (6 - bits) & 63) as usize]));
    }
    text
}

/// `None` if the text is not what [`encode`] makes of any bytes.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut waiting, mut bits) = (0_u32, 0);
    for character in text.bytes() {
        let six = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        waiting = waiting << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((waiting >> bits) as u8);
        }
    }
    // Six bits that wait are a character of which nothing was needed.
    (bits < 6 && waiting & ((1 << bits) - 1) == 0).then_some(bytes)
}
