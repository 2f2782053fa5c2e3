//! `HashMap` and `HashSet` as std documents them, three ways; and the same order in every execution.
#![cfg(feature = "check")]

mod three_ways;

use std::collections::BTreeMap;

three_ways! {
    /// "Creates an empty HashMap." `new`, `with_capacity`, literals, `collect` and `default` as users write them.
    fn a_hash_map_is_made_as_stds_is() {
        drop(sync::Mutex::new(()).lock());
        let mut map = collections::HashMap::new();
        assert!(map.is_empty() && collections::HashMap::<u8, u8>::default().is_empty());
        assert!(collections::HashMap::<u8, u8>::with_capacity(10).capacity() >= 10);
        map.insert("a", 1);
        map.extend([("b", 2)]);
        map.extend([(&"c", &3)]);
        assert_eq!(map, collections::HashMap::from([("a", 1), ("b", 2), ("c", 3)]));
        assert_eq!(map, map.iter().map(|(key, value)| (*key, *value)).collect());
        assert_ne!(map, collections::HashMap::new());
        let state = std::hash::RandomState::new();
        let mut other = collections::HashMap::with_hasher(state.clone());
        other.insert(1, 1);
        assert_eq!(other[&1], 1);
        assert!(collections::HashMap::<u8, u8, _>::with_capacity_and_hasher(3, state).capacity() >= 3);
    }

    fn a_hash_map_is_used_as_stds_is() {
        drop(sync::Mutex::new(()).lock());
        let mut map: collections::HashMap<String, i32> = collections::HashMap::new();
        assert_eq!(map.insert("a".to_owned(), 1), None);
        *map.entry("a".to_owned()).or_insert(7) += 1;
        map.entry("b".to_owned()).or_default();
        // "Returns a reference to the value corresponding to the key": by a borrowed form, and by index.
        assert_eq!((map.get("a"), map["b"]), (Some(&2), 0));
        for (key, value) in &mut map {
            *value += key.len() as i32;
        }
        let mut sum = 0;
        for (key, value) in &map {
            sum += value * key.len() as i32;
        }
        assert_eq!(sum, 4);
        let sorted: BTreeMap<_, _> = map.clone().into_iter().collect();
        assert_eq!(sorted, BTreeMap::from([("a".to_owned(), 3), ("b".to_owned(), 1)]));
        let mut keys: Vec<String> = map.clone().into_keys().collect();
        keys.sort_unstable();
        assert_eq!(keys, ["a", "b"]);
        let mut values: Vec<i32> = map.clone().into_values().collect();
        values.sort_unstable();
        assert_eq!(values, [1, 3]);
        map.retain(|key, _| key == "b");
        assert_eq!(format!("{map:?}"), "{\"b\": 1}");
        // "Panics if the key is not present in the HashMap."
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| map["z"])).is_err());
    }

    fn a_hash_set_is_made_and_used_as_stds_is() {
        drop(sync::Mutex::new(()).lock());
        let mut set = collections::HashSet::new();
        assert!(set.insert(1) && !set.insert(1));
        set.extend([2]);
        set.extend(&[3]);
        assert_eq!(set, collections::HashSet::from([1, 2, 3]));
        assert_eq!(set, [3, 2, 1].into_iter().collect());
        assert!(collections::HashSet::<u8>::with_capacity(10).capacity() >= 10);
        assert!(collections::HashSet::<u8>::default().is_empty());
        let other = collections::HashSet::from([3, 4]);
        assert_eq!(&set & &other, collections::HashSet::from([3]));
        assert_eq!(&set | &other, collections::HashSet::from([1, 2, 3, 4]));
        assert_eq!(&set ^ &other, collections::HashSet::from([1, 2, 4]));
        assert_eq!(&set - &other, collections::HashSet::from([1, 2]));
        assert!(set.contains(&1) && !set.is_subset(&other) && set.intersection(&other).count() == 1);
        let mut all: Vec<i32> = set.clone().into_iter().collect();
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3]);
        let mut sum = 0;
        for n in &set {
            sum += n;
        }
        assert_eq!(sum, 6);
        set.retain(|n| *n == 2);
        assert_eq!(format!("{set:?}"), "{2}");
        assert_eq!(collections::HashSet::with_hasher(std::hash::RandomState::new()), collections::HashSet::<u8, _>::with_capacity_and_hasher(0, std::hash::RandomState::new()));
    }
}

/// "(std's, with a fixed hasher under check: std's iteration order differs from execution to execution)"
#[test]
fn the_order_of_iteration_is_the_same_in_every_execution() {
    use gorace::collections::{HashMap, HashSet};
    let orders = || -> (Vec<u32>, Vec<u32>) {
        let map: HashMap<u32, ()> = (0..1000).map(|n| (n, ())).collect();
        let set: HashSet<u32> = (0..1000).collect();
        (map.into_keys().collect(), set.into_iter().collect())
    };
    let first = orders();
    // Locks are taken in an order that the map gives: with another order this would be another execution.
    let outcome = gorace::Checker::new().run(move || {
        assert_eq!(orders(), first);
        let locks: HashMap<u32, gorace::sync::Mutex<u32>> =
            (0..10).map(|n| (n, gorace::sync::Mutex::new(n))).collect();
        locks.values().for_each(|lock| drop(lock.lock()));
        gorace::thread::spawn(|| ()).join().unwrap();
    });
    outcome.assert_clean();
}
