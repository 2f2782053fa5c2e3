#!/usr/bin/env bash
# Explores in rounds until nothing is left, or something is found.
#
# Usage: rounds.sh FRONTIER SHARES FOLDER ENGINE..
#
# FRONTIER is the folder that `gorace test --resume` keeps what is left in. Each round is a folder in FOLDER. ENGINE is a
# command that runs elements: it is called with the round's folder and the elements' numbers, as `1-7` or `2,5`, and ends
# when all have ended, however they have. Elements that were lost are run again, three times at the most.
#
# Ends as `gorace merge` does: 0, or 66 if something is found.
set -euo pipefail

left=$1 shares=$2 folder=$3
shift 3
gorace=${GORACE:-gorace}
round=0
mkdir -p "$folder"
while compgen -G "$left/*.resume" >/dev/null; do
    round=$((round + 1))
    now=$folder/$round
    "$gorace" split "$left" -n "$shares" -o "$now"
    elements=1-$shares
    for attempt in 1 2 3; do
        "$@" "$now" "$elements" || echo "rounds.sh: the engine ended with $?" >&2
        status=0
        "$gorace" merge "$now" 2>"$now/words.$attempt" || status=$?
        cat "$now/words.$attempt" >&2
        # "error: shares 2, 5 of 7 were not run to their end"
        again=$(sed -n 's/^error: shares* \([0-9, ]*\) of [0-9]* w[a-z]* not run to .*/\1/p' "$now/words.$attempt" | tr -d ' ')
        test -n "$again" || break
        test "$attempt" -lt 3 || { echo "rounds.sh: elements $again are lost each time" >&2; exit "$status"; }
        elements=$again
    done
    test "$status" -eq 0 || exit "$status"
    left=$now/left
done
