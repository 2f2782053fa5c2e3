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

# Accepts the golden reports as they are now. Look at the diff before you commit it.
bless:
    INSTA_UPDATE=always cargo test -p gorace-tests --test golden
    TRYBUILD=overwrite cargo test -p gorace-macros --test ui

# The table against loom and shuttle.
bench:
    cargo bench -p gorace-benches

# How many schedules each random strategy takes to the first bug: the tables of docs/STRATEGIES.md.
strategies *programs:
    cargo run --release -p gorace-benches --bin strategies -- {{programs}}

# Random programs against the reference semantics, from a given seed on.
fuzz programs="20000" seed="1":
    GORACE_FUZZ_PROGRAMS={{programs}} GORACE_FUZZ_SEED={{seed}} cargo test --release -p gorace-engine

# What is too slow for CI. Write the date, the commit and the result into docs/NIGHTLY.md.
nightly:
    just fuzz 200000 1
    cargo test -p gorace-tests --test zero_change_crates -- --include-ignored
    GORACE_NATIVE_RUNS=100000 cargo test --release -p gorace-fixtures --test native_runs
    cargo run --release -p gorace-fixtures-native -- 100000 >/dev/null
    cargo test -p gorace-tests --test distributed -- --include-ignored
    just slurm
    cargo bench -p gorace-benches

# Rounds on a real Slurm, set up in namespaces of its own and gone when it ends. As root, with Debian's packages.
slurm:
    bash docs/distributed/slurm/test.sh

# What rounds cost: the figures of docs/SCALE.md.
scale *shares:
    bash benches/scale.sh {{shares}}

# The API documentation, warnings denied.
docs:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
