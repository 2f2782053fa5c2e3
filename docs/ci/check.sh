#!/usr/bin/env bash
# Judges the examples: by the schemas that GitHub and GitLab publish, and by a linter that knows what goes wrong in
# workflows. `pip install check-jsonschema zizmor` brings both. The Jenkinsfile has no linter outside of Jenkins.
set -euo pipefail
cd "$(dirname "$0")/../.."
check-jsonschema --builtin-schema vendor.github-actions action.yml
check-jsonschema --builtin-schema vendor.github-workflows docs/ci/github.yml docs/ci/github-nightly.yml
check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci docs/ci/gitlab-ci.yml
# Which versions of actions are pinned by their hashes is for whoever copies the example to say.
zizmor --offline --no-progress --min-severity medium --config docs/ci/zizmor.yml action.yml docs/ci/github.yml docs/ci/github-nightly.yml
