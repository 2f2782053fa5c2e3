#!/usr/bin/env bash
# What rounds cost: one program of 1 441 440 interleavings, explored by 1, 2, 4 and 8 shares, one process after the other.
#
# Prints a line a round: shares, round, parts, processor seconds of all shares and of the slowest one, milliseconds to
# split and to merge, bytes of the resume file, executions so far. The figures of docs/SCALE.md are from here.
# Usage: benches/scale.sh [SHARES..]; BUDGET is the number of executions a share and round. PARTS names a file for what
# each part had run after each round: shares, round, part, executions.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
budget=${BUDGET:-100000}
parts_of=${PARTS:-/dev/null}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
mkdir -p "$work/src"
cat >"$work/Cargo.toml" <<EOF
[package]
name = "scale"
version = "0.1.0"
edition = "2024"
[dependencies]
gorace = { path = "$root/runtime/green", features = ["check"] }
[workspace]
EOF
# (4 + 5 + 7)! / (4! 5! 7!) orders of the sections.
cat >"$work/src/lib.rs" <<'EOF'
use gorace::sync::{Arc, Mutex};
#[gorace::checked_test(strategy = "exhaustive", timeout = "60m", max_executions = 1_000_000_000)]
fn sections() {
    let n = Arc::new(Mutex::new(0));
    let add = |times: u32, n: Arc<Mutex<u32>>| {
        gorace::thread::spawn(move || (0..times).for_each(|_| *n.lock().unwrap() += 1))
    };
    let tasks = [4, 5, 7].map(|times| add(times, n.clone()));
    tasks.into_iter().for_each(|task| task.join().unwrap());
}
EOF
(cd "$root" && cargo build -q --release -p cargo-gorace --bin gorace)
gorace=$CARGO_TARGET_DIR/release/gorace
cd "$work"
tests=$(cargo test --release --lib --no-run -q --message-format=json |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)

# Runs one share; prints its processor seconds.
element() {
    TIMEFORMAT='%U'
    { time env GORACE_RESUME="$1/resume" GORACE_OUT_DIR="$1" GORACE_RUN=run GORACE_DEFER=1 \
        GORACE_MAX_EXECUTIONS="$2" "$tests" sections --exact -q >"$1/log" 2>&1; } 2>&1
}

# Runs a command; prints its milliseconds.
milliseconds() {
    local before after
    before=$(date +%s%N)
    "$@" >"$work/said" 2>"$work/words"
    after=$(date +%s%N)
    echo $(((after - before) / 1000000))
}

mkdir whole
whole=$(element "$work/whole" 1000000000)
echo "one process: $whole s"
echo "shares round parts seconds slowest split_ms merge_ms bytes executions"
for shares in "${@:-1 2 4 8}"; do
    for of in $shares; do
        rm -rf start round-*
        mkdir start
        element "$work/start" 1000 >/dev/null
        left=start/resume
        round=0
        while compgen -G "$left/*.resume" >/dev/null; do
            round=$((round + 1))
            split=$(milliseconds "$gorace" split "$left" -n "$of" -o "round-$round")
            parts=$(sed -n 's/.*: \([0-9]*\) parts in.*/\1/p' words)
            seconds=$(for share in $(seq "$of"); do element "$work/round-$round/$share" "$budget"; done)
            sum=$(echo "$seconds" | awk '{ sum += $1 } END { print sum }')
            slowest=$(echo "$seconds" | sort -n | tail -n 1)
            sed -n "s/^search \\([0-9]* [0-9]*\\) .*/$of $round \\1/p" "round-$round"/[0-9]*/resume/*.resume >>"$parts_of"
            merge=$(milliseconds "$gorace" merge "round-$round" --no-times)
            left=round-$round/left
            bytes=$(find "$left" -name "*.resume" -exec cat {} + 2>/dev/null | wc -c) || true
            executions=$(sed -n 's/.*in 1 test; \([0-9 ]*\) executions.*/\1/p' said | tr -d ' ')
            echo "$of $round $parts $sum $slowest $split $merge $bytes $executions"
        done
    done
done
