//! Packages that reach gorace by another name, or only through another member of their workspace.

use gorace_tests::{Crate, Ran, root, run};

const MAIN: &str = r#"
use GORACE::sync::{Arc, Mutex};

#[GORACE::main(crate = "GORACE")]
fn main() {
    let (a, b) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));
    let (a2, b2) = (a.clone(), b.clone());
    let other = GORACE::go!("other", {
        let _second = b2.lock().unwrap();
        let _first = a2.lock().unwrap();
    });
    let first = a.lock().unwrap();
    let second = b.lock().unwrap();
    drop((first, second));
    other.join().unwrap();
}

#[cfg(test)]
mod tests {
    #[GORACE::checked_test(crate = "GORACE")]
    fn of_the_package() {
        drop(GORACE::sync::Mutex::new(0).lock());
        GORACE::go!({}).join().unwrap();
    }
}
"#;

fn is_found_and_replayed(folder: &Crate, run_flags: &[&str]) {
    let found = run(&mut folder.gorace(&[&["run"], run_flags].concat()));
    assert_eq!(found.code, Some(66), "{found:?}");
    assert!(found.stdout.contains("error[GR0002]: deadlock"), "{}", found.stdout);
    let (_, id) = found.stdout.split_once("gorace replay ").expect("the report says how to replay");
    let replayed = run(&mut folder.gorace(&["replay", &id[..8]]));
    assert_eq!(replayed.code, Some(66), "{replayed:?}");
}

fn last_line(ran: &Ran) -> &str {
    ran.stdout.lines().last().unwrap_or_default()
}

/// "by the dependency's local name"
#[test]
fn a_renamed_dependency() {
    let green = Crate::new("renamed");
    let gorace = root().join("runtime/green");
    green.write(
        "Cargo.toml",
        &format!(
            "[package]\nname = \"renamed\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n\
             green = {{ package = \"gorace\", path = \"{}\" }}\n\n[workspace]\n",
            gorace.display()
        ),
    );
    green.write("src/main.rs", &MAIN.replace("GORACE", "green"));
    is_found_and_replayed(&green, &[]);
    // `gorace test` turns the feature on by itself: nothing in the manifest does.
    let tested = run(&mut green.gorace(&["test"]));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(last_line(&tested).starts_with("gorace: no findings in 1 test"), "{}", tested.stdout);
}

/// "with `-p TARGET` and `-p` every workspace member that depends on gorace"
#[test]
fn an_indirect_dependency() {
    let both = Crate::new("both");
    let gorace = root().join("runtime/green");
    let package = |name: &str, dependency: String| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependency}\n"
        )
    };
    both.write("Cargo.toml", "[workspace]\nmembers = [\"app\", \"base\"]\nresolver = \"3\"\n");
    both.write(
        "base/Cargo.toml",
        &package("base", format!("gorace = {{ path = \"{}\" }}", gorace.display())),
    );
    both.write(
        "base/src/lib.rs",
        "pub use gorace as racing;\n\n#[test]\nfn of_the_base() {\n    panic!(\"not asked for\");\n}\n",
    );
    both.write("app/Cargo.toml", &package("app", "base = { path = \"../base\" }".to_owned()));
    both.write("app/src/main.rs", &MAIN.replace("GORACE", "base::racing"));
    is_found_and_replayed(&both, &["-p", "app"]);
    let tested = run(&mut both.gorace(&["test", "-p", "app"]));
    assert_eq!(tested.code, Some(0), "{tested:?}");
    assert!(last_line(&tested).starts_with("gorace: no findings in 1 test"), "{}", tested.stdout);
}

/// It goes through the other door, where that can be.
#[test]
fn a_package_without_gorace_needs_none() {
    let bare = Crate::new("without");
    bare.write(
        "Cargo.toml",
        "[package]\nname = \"without\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n",
    );
    bare.write("src/main.rs", "fn main() {}\n");
    let mut command = bare.gorace(&["run"]);
    let ran = run(command.env("XDG_CACHE_HOME", gorace_tests::root().join("target/zero_change/cache")));
    assert_eq!(ran.code, Some(4), "{ran:?}");
    let told = if cfg!(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")) {
        "`without` started no second thread"
    } else {
        "`without` does not depend on gorace"
    };
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
}
