# The project's recipes; `just` lists them. Each is one public command, so that nobody needs just itself.

_default:
    @just --list

# Everything that CI runs.
check:
    bash .ci/run

# All tests, doctests included.
test:
    cargo test --workspace

# Formats everything.
fmt:
    cargo fmt --all

# Lints as CI does.
lint:
    cargo clippy --workspace --all-targets -- -D warnings
    cargo clippy -p gorace --all-targets -- -D warnings

# Accepts the golden reports as they are now, and makes the reference anew. Look at the diff before you commit it.
bless:
    INSTA_UPDATE=always cargo test -p gorace-tests --test golden
    TRYBUILD=overwrite cargo test -p gorace-macros --test ui
    GORACE_BLESS=1 cargo test -p cargo-gorace --lib reference

# The page of reports, driven in Chromium; pictures of it with PICTURES=FOLDER.
page:
    cd tests/page && npm ci && npm test

# The examples for GitHub, GitLab and Jenkins, by the linters that the registries have.
lint-ci:
    bash docs/ci/check.sh

# The table against loom and shuttle.
bench:
    cargo bench -p gorace-benches

# What the zero-change door costs: the figures of docs/PERFORMANCE.md. The toolchain carries ThreadSanitizer's runtime.
bench-zero-change:
    cargo build --release -p cargo-gorace
    cargo build --release --manifest-path tests/zero_change/speed/Cargo.toml --target-dir target/zero_change/speed
    RUSTC_BOOTSTRAP=1 RUSTFLAGS="-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer" cargo build --release --bin memory --target x86_64-unknown-linux-gnu --manifest-path tests/zero_change/speed/Cargo.toml --target-dir target/zero_change/speed-tsan
    CARGO_TARGET_DIR=target/zero_change/speed target/zero_change/speed/release/measure target/release/gorace target/zero_change/speed-tsan/x86_64-unknown-linux-gnu/release/memory

# How many schedules each random strategy takes to the first bug: the tables of docs/STRATEGIES.md.
strategies *programs:
    cargo run --release -p gorace-benches --bin strategies -- {{programs}}

# Random programs against the reference semantics, from a given seed on.
fuzz programs="20000" seed="1":
    GORACE_FUZZ_PROGRAMS={{programs}} GORACE_FUZZ_SEED={{seed}} cargo test --release -p gorace-engine

# The short tests of the library on goroutines, so many times in a row.
repeat *args:
    bash tests/repeat.sh {{args}}

# Goroutines on threads under ThreadSanitizer, which the stable toolchain carries; so many workers.
tsan *workers:
    bash tests/tsan.sh {{workers}}

# The queues and the memory of the scheduler under Miri, which only nightly has.
miri:
    cargo +nightly miri test -p gorace-goroutines --test queues --test shared

# What is too slow for CI. Write the date, the commit and the result into docs/NIGHTLY.md.
nightly:
    just fuzz 200000 1
    cargo nextest run --workspace
    cargo test --release -p gorace-engine --lib large:: -- --ignored
    cargo test --release -p gorace --features check --test counts -- --ignored
    RUSTFLAGS="--cfg gorace_portable" cargo test -p gorace --features check --tests
    cargo test -p gorace-tests --test zero_change_crates -- --include-ignored
    GORACE_REPEATS=100 cargo test -p gorace-tests --test zero_change_determinism
    cargo test -p gorace-tests --test zero_change_bad_input -- --include-ignored
    cargo test -p gorace-tests --test zero_change_catalog -- --include-ignored
    cargo test -p gorace-fixtures --test catalog divided:: -- --include-ignored
    GORACE_NATIVE_RUNS=100000 cargo test --release -p gorace-fixtures --test native_runs
    cargo run --release -p gorace-fixtures-native -- 100000 >/dev/null
    cargo test -p gorace-tests --test distributed -- --include-ignored
    just slurm
    just tsan
    cargo bench -p gorace-benches
    just packages

# Each published crate, built from its package alone; what may be among the dependencies; what has changed for users since
# `before`. Until the first release that may be anything: it is shown, and is no error.
packages before="HEAD~50":
    cargo package --allow-dirty -p gorace-analyzer-core -p gorace-analyzer -p gorace-engine -p gorace-goroutines -p gorace-macros -p gorace -p gorace-inject -p cargo-gorace
    cargo deny check licenses bans sources   # and `advisories`, where GitHub can be reached
    -cargo semver-checks -p gorace -p gorace-goroutines --baseline-rev {{before}}

# The book of docs/, in target/book.
book:
    mdbook build docs

# Rounds on a real Slurm, set up in namespaces of its own and gone when it ends. As root, with Debian's packages.
slurm:
    bash docs/distributed/slurm/test.sh

# What rounds cost: the figures of docs/SCALE.md.
scale *shares:
    bash benches/scale.sh {{shares}}

# The API documentation, warnings denied.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
