//! Elements that were killed, shares that are missing or there twice, and what does not belong together.
