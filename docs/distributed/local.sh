#!/usr/bin/env bash
# An engine for rounds.sh: runs elements as processes of this machine, one after the other.
#
# Usage: local.sh BINARY ROUND ELEMENTS
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=$1 round=$2 elements=$3
for range in ${elements//,/ }; do
    for element in $(seq "${range%-*}" "${range#*-}"); do
        "$here/element.sh" "$round" "$element" "$binary" >"$round/$element.log" 2>&1 || true
    done
done
