//! `for v in &rx`: receives until the channel is closed and drained.

use crate::chan::{Chan, Receiver};

/// The values of a channel as they come; ends when it is closed and drained.
#[derive(Debug)]
pub struct Iter<'a, T>(Source<'a, T>);

#[derive(Debug)]
enum Source<'a, T> {
    Chan(&'a Chan<T>),
    Receiver(&'a Receiver<T>),
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        match self.0 {
            Source::Chan(chan) => chan.recv(),
            Source::Receiver(receiver) => receiver.recv(),
        }
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        Iter(Source::Receiver(self))
    }
}

impl<'a, T> IntoIterator for &'a Chan<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        Iter(Source::Chan(self))
    }
}
