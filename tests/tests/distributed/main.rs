//! One exploration on several machines, as engines run it: each element is a process of its own with a folder of its own,
//! and knows nothing of the others.

mod elements;
mod misfits;
mod rounds;
mod scripts;
mod shards;
