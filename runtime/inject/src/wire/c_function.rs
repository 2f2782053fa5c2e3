//! The C library's functions by which C code waits and wakes: each has a number, which stands in a stack in place of an
//! address. There is no code at addresses as low as that.

/// The functions, innermost first where one is called by another.
const CALLS: &[&[&str]] = &[
    &["pthread_mutex_lock"],
    &["pthread_mutex_trylock"],
    &["pthread_mutex_timedlock"],
    &["pthread_mutex_clocklock"],
    &["pthread_mutex_unlock"],
    &["pthread_rwlock_rdlock"],
    &["pthread_rwlock_tryrdlock"],
    &["pthread_rwlock_timedrdlock"],
    &["pthread_rwlock_clockrdlock"],
    &["pthread_rwlock_wrlock"],
    &["pthread_rwlock_trywrlock"],
    &["pthread_rwlock_timedwrlock"],
    &["pthread_rwlock_clockwrlock"],
    &["pthread_rwlock_unlock"],
    &["pthread_spin_lock"],
    &["pthread_spin_trylock"],
    &["pthread_spin_unlock"],
    &["pthread_cond_wait"],
    &["pthread_mutex_lock", "pthread_cond_wait"],
    &["pthread_mutex_unlock", "pthread_cond_wait"],
    &["pthread_cond_signal"],
    &["pthread_cond_broadcast"],
    &["pthread_barrier_wait"],
    &["pthread_barrier_destroy"],
    &["pthread_once"],
    &["sem_wait"],
    &["sem_trywait"],
    &["sem_timedwait"],
    &["sem_clockwait"],
    &["sem_post"],
];

/// The number of a function, or of one that is called by another, innermost first.
///
/// # Panics
/// If there is none.
pub const fn c_function(calls: &[&str]) -> usize {
    let mut at = 0;
    while at < CALLS.len() {
        if is_same(CALLS[at], calls) {
            return at + 1;
        }
        at += 1;
    }
    panic!("expected a function of the list")
}

/// The functions that a number in a stack stands for, innermost first.
pub fn c_calls(address: u64) -> Option<&'static [&'static str]> {
    let at = usize::try_from(address).ok()?.checked_sub(1)?;
    CALLS.get(at).copied()
}

const fn is_same(a: &[&str], b: &[&str]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        let (one, other) = (a[at].as_bytes(), b[at].as_bytes());
        if one.len() != other.len() {
            return false;
        }
        let mut byte = 0;
        while byte < one.len() {
            if one[byte] != other[byte] {
                return false;
            }
            byte += 1;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::{CALLS, c_calls, c_function};

    #[test]
    fn a_number_leads_back_to_its_functions() {
        for calls in CALLS {
            assert_eq!(c_calls(c_function(calls) as u64), Some(*calls));
        }
        assert_eq!(c_calls(0), None);
        assert_eq!(c_calls(4096), None);
    }
}
