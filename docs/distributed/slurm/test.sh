#!/usr/bin/env bash
# Rounds on a real Slurm: an element is killed, is noticed and run again, and the sum is that of one process.
#
# Usage: test.sh, as root, with Debian's slurmctld, slurmd, slurm-client and munge installed; `just slurm` calls it.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
# 12! / (4!)^3 orders of the sections.
interleavings='34 650'

if [ "${1:-}" != --inside ]; then
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    chmod 755 "$work"
    mkdir "$work/src"
    cat >"$work/Cargo.toml" <<EOF
[package]
name = "on-slurm"
version = "0.1.0"
edition = "2024"
[dependencies]
gorace = { path = "$root/runtime/green", features = ["check"] }
[workspace]
EOF
    cat >"$work/src/lib.rs" <<'EOF'
use gorace::sync::{Arc, Mutex};
#[gorace::checked_test(strategy = "exhaustive", timeout = "60m")]
fn sections() {
    let n = Arc::new(Mutex::new(0));
    let tasks = [n.clone(), n.clone(), n].map(|n| {
        gorace::thread::spawn(move || (0..4).for_each(|_| *n.lock().unwrap() += 1))
    });
    tasks.into_iter().for_each(|task| task.join().unwrap());
}
EOF
    export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
    (cd "$root" && cargo build -q -p cargo-gorace --bin gorace)
    export GORACE=$CARGO_TARGET_DIR/debug/gorace
    binary=$(cd "$work" && cargo test --lib --no-run -q --message-format=json |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    cd "$work"
    # The binary, and once in an element that is killed half-way.
    cat >"$work/binary" <<EOF
#!/usr/bin/env bash
if [ "\$SLURM_ARRAY_TASK_ID" = 2 ] && mkdir "$work/killed" 2>/dev/null; then
    GORACE_MAX_EXECUTIONS=1000000000 "$binary" &
    until [ -d "\$GORACE_OUT_DIR/run" ]; do :; done
    kill -STOP \$!
    scancel --signal=KILL --full "\$SLURM_JOB_ID"
    sleep infinity
fi
exec "$binary"
EOF
    chmod +x "$work/binary"
    GORACE_RESUME=$work/start/resume GORACE_OUT_DIR=$work/start GORACE_MAX_EXECUTIONS=500 "$binary" -q
    "$here/cluster.sh" "$here/test.sh" --inside "$work"
    exit
fi

work=$2
export GORACE_MAX_EXECUTIONS=3000
"$here/../rounds.sh" "$work/start/resume" 7 "$work/rounds" "$here/run.sh" "$work/binary" | tee "$work/said"
test -d "$work/killed"
grep -q '^error: share 2 of 7 was not run to its end' "$work"/rounds/*/words.1
grep -q "sections: verified: all $interleavings interleavings" "$work/said"
echo "slurm: an element was killed and run again; $interleavings interleavings in $(find "$work/rounds" -mindepth 1 -maxdepth 1 | wc -l) rounds"
