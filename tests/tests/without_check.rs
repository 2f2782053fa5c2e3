//! Without the feature `check` the std-shaped names are std's own types, and nothing else is pulled in.

use gorace_tests::{Crate, run};

fn bare(name: &str) -> Crate {
    let bare = Crate::new(name);
    let manifest = std::fs::read_to_string(bare.path().join("Cargo.toml")).expect("the manifest was written");
    let (before, _) = manifest.split_once("[dev-dependencies]").expect("the three lines of set-up");
    bare.write("Cargo.toml", &format!("{before}\n[workspace]\n"));
    bare
}

#[test]
fn the_types_are_stds() {
    let bare = bare("identity");
    bare.write(
        "src/main.rs",
        r#"
        use std::any::TypeId;

        macro_rules! same {
            ($($path:ident::$name:ident$(<$arg:tt>)?),* $(,)?) => {
                $(assert_eq!(
                    TypeId::of::<gorace::$path::$name$(<$arg>)?>(),
                    TypeId::of::<std::$path::$name$(<$arg>)?>(),
                );)*
            };
        }

        macro_rules! same_atomics {
            ($($name:ident$(<$arg:tt>)?),* $(,)?) => {
                $(assert_eq!(
                    TypeId::of::<gorace::sync::atomic::$name$(<$arg>)?>(),
                    TypeId::of::<std::sync::atomic::$name$(<$arg>)?>(),
                );)*
            };
        }

        #[gorace::main]
        fn main() {
            same!(sync::Arc<u8>, sync::Mutex<u8>, sync::Condvar);
            same!(thread::Builder, thread::JoinHandle<u8>);
            same_atomics!(
                AtomicBool, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, AtomicI8, AtomicI16,
                AtomicI32, AtomicI64, AtomicIsize, AtomicPtr<u8>, Ordering,
            );
            let _: gorace::collections::HashMap<u8, u8> = std::collections::HashMap::new();
            let _: gorace::collections::HashSet<u8> = std::collections::HashSet::new();
            let lock = std::sync::Mutex::new(1);
            let _guard: gorace::sync::MutexGuard<'_, i32> = lock.lock().unwrap();
            // And the extensions compile on them.
            use gorace::{Detach, Named};
            let count = gorace::sync::Mutex::new(1).named("count");
            let (tx, rx) = gorace::chan(0);
            gorace::go!({ tx.send(*count.lock().unwrap()) }).detach();
            let got = gorace::select! { recv(rx) -> v => v };
            println!("{got:?}");
        }
        "#,
    );
    let ran = run(&mut bare.cargo(&["run", "--quiet"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "Some(1)\n"), "{}", ran.stderr);
}

/// "Since func main has not returned, the program continues execution of other goroutines. If all other goroutines
/// exit, the program crashes."
#[test]
fn goexit_in_main_lets_the_others_end_and_then_the_program_dies() {
    let bare = bare("goexit");
    bare.write(
        "src/main.rs",
        r#"
        #[gorace::main]
        fn main() {
            let (tx, rx) = gorace::chan(0);
            gorace::go!({
                let scores = gorace::collections::Map::new();
                scores.insert("Ada", rx.recv().unwrap());
                assert!(gorace::runtime::num_goroutine() >= 2);
                println!("{:?}", scores.get(&"Ada"));
            });
            gorace::go!({ tx.send(7) }).join().unwrap();
            gorace::runtime::goexit();
        }
        "#,
    );
    for flags in [&["run", "--quiet"][..], &["run", "--quiet", "--features", "gorace/check"]] {
        let ran = run(&mut bare.cargo(flags));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), "Some(7)\n"), "{}", ran.stderr);
        let words = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!";
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}

#[test]
fn futures_and_checked_memory_work_on_threads() {
    let bare = bare("futures");
    bare.write(
        "src/main.rs",
        r#"
        use gorace::cell::{Shared, UnsafeCell};
        use gorace::future::{block_on, spawn};
        use gorace::sync::{Arc, atomic::{AtomicBool, Ordering::SeqCst}};

        #[gorace::main]
        fn main() {
            let _: fn() = std::hint::spin_loop;
            let ready = Arc::new(AtomicBool::new(false));
            let theirs = ready.clone();
            let task = spawn(async move {
                theirs.store(true, SeqCst);
                5
            });
            while !ready.load(SeqCst) {
                gorace::hint::spin_loop();
            }
            let sum = Shared::new(0);
            sum.set(block_on(task).unwrap());
            // SAFETY: nobody else has a pointer.
            let one = UnsafeCell::new(1).with(|one| unsafe { *one });
            let panics = async { std::panic::resume_unwind(Box::new(())); };
            let panicked: Result<(), _> = block_on(spawn(panics));
            gorace::assume(panicked.is_err());
            println!("{}", sum.get() + one);
        }
        "#,
    );
    let ran = run(&mut bare.cargo(&["run", "--quiet"]));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "6\n"), "{}", ran.stderr);
}

#[test]
fn nothing_but_the_macros_is_pulled_in() {
    let bare = bare("tree");
    bare.write("src/lib.rs", "");
    let ran = run(&mut bare.cargo(&["tree", "--edges", "normal", "--depth", "2", "--prefix", "depth"]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let names: Vec<&str> = ran.stdout.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(names, ["0tree", "1gorace", "2gorace-macros"], "{}", ran.stdout);
}
