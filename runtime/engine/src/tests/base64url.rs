//! Our base64url against the base64 crate's.

use crate::base64url::{decode, encode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[test]
fn rfc_4648_section_10() {
    for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
        assert_eq!(encode(bytes.as_bytes()), text);
        assert_eq!(decode(text), Some(bytes.as_bytes().to_vec()));
    }
}

#[test]
fn bytes_are_written_and_read_as_by_the_crate() {
    for length in 0..200_u32 {
        let bytes: Vec<u8> = (0..length).map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let text = encode(&bytes);
        assert_eq!(text, URL_SAFE_NO_PAD.encode(&bytes));
        assert_eq!(decode(&text), Some(bytes));
    }
}

/// Every character after every number of good ones, and every last character with bits that mean nothing.
#[test]
fn what_the_crate_refuses_is_refused() {
    let mut refused = 0;
    for good in ["", "A", "AA", "AAA", "AAAA"] {
        for character in (0..=255).map(char::from) {
            let text = format!("{good}{character}");
            let theirs = URL_SAFE_NO_PAD.decode(&text).ok();
            refused += u32::from(theirs.is_none());
            assert_eq!(decode(&text), theirs, "{text:?}");
        }
    }
    assert!(refused > 5 * 192, "{refused}");
}
