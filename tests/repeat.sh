#!/usr/bin/env bash
# The short tests of the library on goroutines, over and over: what goes wrong once in a thousand times goes wrong here.
# Each program of tests runs outside of executions, in turn with 1, 2 and 8 workers.
#
# usage: tests/repeat.sh [TIMES] [NAME..]        10000 times and all names if not given
#
# Prints a line for each program; of a run that fails or hangs also what it printed. Three such runs of a program are
# enough to look into. Exits with 1 if there was one.
set -euo pipefail
cd "$(dirname "$0")/.."
times=${1:-10000}
[[ $times =~ ^[1-9][0-9]*$ ]] || { echo "error: expected a number of times of at least 1, got \`$times\`" >&2; exit 2; }
shift || true
names=("$@")
# Those with a part that runs outside of executions, and those that do nothing else.
[ ${#names[@]} -gt 0 ] || names=(go_channels go_context go_errgroup go_map go_sync go_time runtime select
  std_atomics std_collections std_mpsc std_mutex std_once std_rwlock std_threads std_timeouts)
# A run takes less than a second; one that has not ended after so many is a hang, whatever else the machine does.
patience=120

wanted=()
for name in "${names[@]}"; do wanted+=(--test "$name"); done
programs=$(cargo test -p gorace --features check,goroutines "${wanted[@]}" --no-run 2>&1 |
  sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
[ -n "$programs" ] || { echo "error: cargo built no tests" >&2; exit 1; }
output=$(mktemp)
trap 'rm -f "$output"' EXIT
failed=0
for program in $programs; do
  [[ $program == /* ]] || program=$PWD/$program
  name=$(basename "$program")
  filter=
  [[ $'\n'$("$program" --list) != *$'\n'outside::* ]] || filter=outside::
  wrong=0
  for ((run = 0; run < times && wrong < 3; run++)); do
    case $((run % 3)) in 0) workers=1 ;; 1) workers=2 ;; *) workers=8 ;; esac
    code=0
    (cd runtime/green && CARGO_MANIFEST_DIR=$PWD GOMAXPROCS=$workers timeout "$patience" "$program" -q $filter) >"$output" 2>&1 || code=$?
    if [ "$code" -ne 0 ]; then
      wrong=$((wrong + 1))
      echo "${name%-*}, run $run with $workers workers: exit code $code (124: it hung)"
      cat "$output"
    fi
  done
  echo "${name%-*}: $run runs, $wrong wrong"
  failed=$((failed + wrong))
done
[ "$failed" -eq 0 ]
