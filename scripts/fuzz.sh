#!/usr/bin/env bash
# Runs every fuzz target for a time each: scripts/fuzz.sh 20s [PACKAGE...]
set -euo pipefail
time=${1:-20s}
shift || true
[ $# -gt 0 ] || set -- $(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -n1 dirname | sort -u)
for package in "$@"; do
  for target in $(grep -h '^func Fuzz' "$package"/*_test.go | sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' | sort); do
    echo "$package $target"
    go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 50x "./${package#./}" | tail -n 2
  done
done
