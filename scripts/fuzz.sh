#!/usr/bin/env bash
# Runs every fuzz target for a time each: scripts/fuzz.sh 20s [PACKAGE...]
set -euo pipefail
time=${1:-20s}
shift || true
[ $# -gt 0 ] || set -- $(grep -rl --include='*_test.go' '^func Fuzz' cmd content kernel server sessions | xargs -n1 dirname | sort -u)
said=$(mktemp)
trap 'rm -f "$said"' EXIT
for package in "$@"; do
  for target in $(grep -h '^func Fuzz' "$package"/*_test.go | sed -E 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/' | sort); do
    echo "$package $target"
    if ! go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 50x "./${package#./}" >"$said" 2>&1; then
      # Go's fuzzer now and then takes the end of its own time for a failure; a real one names its input.
      if grep -q 'Failing input written' "$said" || ! grep -q 'context deadline exceeded' "$said"; then
        cat "$said"
        exit 1
      fi
      echo "  the fuzzer's time ended within an input; no input failed"
      continue
    fi
    tail -n 1 "$said"
  done
done
