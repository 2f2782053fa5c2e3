#!/usr/bin/env bash
# One element of a round: runs one share with the test binary, which needs neither cargo nor gorace.
#
# Usage: element.sh ROUND INDEX BINARY [ARGUMENTS..]
#
# ROUND is what `gorace split` made, INDEX counts from 1. The budget is the variables' GORACE_MAX_EXECUTIONS or
# GORACE_TIMEOUT, for each test. What was found fails nothing here: `gorace merge` judges it.
set -euo pipefail

round=$(cd "$1" && pwd)
share=$round/$2
shift 2
test -d "$share/resume" || { echo "element.sh: no share in $share" >&2; exit 2; }

export GORACE_RESUME=$share/resume GORACE_OUT_DIR=$share GORACE_RUN=run GORACE_DEFER=1
exec "$@"
