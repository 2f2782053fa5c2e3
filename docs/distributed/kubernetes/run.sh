#!/usr/bin/env bash
# An engine for rounds.sh: runs elements as an indexed job, and waits for it.
#
# Usage: run.sh ROUND ELEMENTS, with IMAGE (which has the test binary and element.sh) and CLAIM (a volume that all pods and
# this machine share, here mounted where the round's folder is) in the environment. KUBECTL is another kubectl.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
round=$1 elements=$2
kubectl=${KUBECTL:-kubectl}
list=$(for range in ${elements//,/ }; do seq "${range%-*}" "${range#*-}"; done | xargs)
count=$(wc -w <<<"$list")
name=gorace-$(date +%s%N)
sed -e "s|@NAME@|$name|; s|@IMAGE@|${IMAGE:?}|; s|@CLAIM@|${CLAIM:?}|; s|\(completions\|parallelism\): .*|\1: $count|" \
    -e "s|@ROUND@|$(basename "$round")|; s|@ELEMENTS@|$list|; s|@BUDGET@|${GORACE_MAX_EXECUTIONS:-100000}|" \
    "$here/job.yaml" | "$kubectl" apply -f -
# A pod that fails is replaced by the job itself; whoever is lost for good is seen by `gorace merge`.
"$kubectl" wait --for=condition=Complete --timeout=-1s "job/$name" &
complete=$!
"$kubectl" wait --for=condition=Failed --timeout=-1s "job/$name" &
failed=$!
wait -n "$complete" "$failed" || true
kill "$complete" "$failed" 2>/dev/null || true
