#!/usr/bin/env bash
# An engine for rounds.sh: runs elements as a Slurm array, and waits for it.
#
# Usage: run.sh BINARY ROUND ELEMENTS, where BINARY stands at the same place on all nodes, as does ROUND.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
binary=$1 round=$(cd "$2" && pwd) elements=$3
# Array indices are the shares' numbers, so that an element that is run again alone is still the same one.
exec sbatch --wait --quiet --array="$elements" --job-name=gorace --output="$round/%a.log" --export=ALL \
    "$here/element.sbatch" "$here/.." "$round" "$binary"
