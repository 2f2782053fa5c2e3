//! The C library's locks and what else of it waits, as C code and `libc` use them: mutexes, read-write locks, spin locks,
//! conditions, semaphores, barriers, `pthread_once`.
//!
//! Each is a word of the engine's at its address. To take one is to try the real one, and to wait on the word while it is
//! taken; to give it back is to give back the real one and to wake who waits. So the real ones never block, they order what
//! they order, and who waits for ever is in a deadlock. A wait on a condition may end without a notification, as POSIX
//! allows.

#[macro_use]
mod word;
mod barriers;
mod conditions;
mod locks;
mod once;
mod semaphores;
