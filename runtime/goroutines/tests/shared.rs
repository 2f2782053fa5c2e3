//! What several own: dropped once, by the last, on whatever thread; its memory is used again by one at a time.

use gorace_goroutines::Shared;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// As many pieces as Miri has time for, or many.
const PIECES: usize = if cfg!(miri) { 100 } else { 20_000 };

/// Counts its drops, and knows whether what it holds is still its own.
struct Piece<const WORDS: usize> {
    dropped: Arc<AtomicUsize>,
    words: [usize; WORDS],
}

impl<const WORDS: usize> Drop for Piece<WORDS> {
    fn drop(&mut self) {
        self.check();
        self.dropped.fetch_add(1, Relaxed);
    }
}

impl<const WORDS: usize> Piece<WORDS> {
    fn check(&self) {
        assert!(self.words.iter().all(|word| *word == self.words[0]), "two hold one block");
    }
}

/// Three threads make pieces and pass them on; each piece has two owners, on two threads.
fn pass_on<const WORDS: usize>() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let (to, from) = std::sync::mpsc::channel::<Shared<Piece<WORDS>>>();
    thread::scope(|scope| {
        for maker in 0..3 {
            let (to, dropped) = (to.clone(), dropped.clone());
            scope.spawn(move || {
                for i in 0..PIECES {
                    let words = [maker * PIECES + i; WORDS];
                    let piece = Shared::new(Piece { dropped: dropped.clone(), words });
                    to.send(piece.clone()).unwrap();
                    piece.check();
                }
            });
        }
        drop(to);
        from.iter().for_each(|piece| piece.check());
    });
    assert_eq!(dropped.load(Relaxed), 3 * PIECES);
}

#[test]
fn small_values_are_dropped_once() {
    pass_on::<1>();
}

#[test]
fn values_of_the_largest_blocks_are_dropped_once() {
    pass_on::<30>();
}

#[test]
fn what_no_block_has_room_for_is_dropped_once() {
    pass_on::<100>();
}

/// One that is kept stays as it is, however many come and go.
#[test]
fn a_block_in_use_is_given_to_nobody_else() {
    let kept: Vec<_> = (0..100).map(Shared::new).collect();
    for n in 0..PIECES {
        assert_eq!(*Shared::new(n), n);
    }
    assert!(kept.iter().enumerate().all(|(n, kept)| **kept == n));
}
