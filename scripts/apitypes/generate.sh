#!/usr/bin/env bash
# Writes the front end's types of the API, made from its description, and checks that they are TypeScript and say what they
# should. With --check it writes nothing and fails where the types in the repository are others.
set -euo pipefail
cd "$(dirname "$0")/../.."
here=scripts/apitypes types=frontend/src/api/schema.d.ts cache=.cache/apitypes
scripts/need.sh node npm

stamp="$cache/node_modules/.stamp-$(cksum <"$here/package-lock.json" | tr ' ' -)"
if [ ! -e "$stamp" ]; then
  mkdir -p "$cache"
  cp "$here/package.json" "$here/package-lock.json" "$cache/"
  (cd "$cache" && npm ci --ignore-scripts --no-audit --no-fund --silent)
  touch "$stamp"
fi

made="$cache/schema.d.ts"
{
  echo '// Made from server/api/openapi.json by `make types`; do not edit.'
  node "$cache/node_modules/openapi-typescript/bin/cli.js" server/api/openapi.json | tail -n +5
} >"$made.new"
mv "$made.new" "$made"
cp "$here/check.ts" "$cache/check.ts"
node "$cache/node_modules/typescript/bin/tsc" --noEmit --strict --skipLibCheck false --target es2022 --module nodenext "$cache/check.ts"

if [ "${1:-}" != --check ]; then
  mkdir -p "$(dirname "$types")"
  cp "$made" "$types"
elif ! cmp -s "$made" "$types"; then
  echo "$types is not what server/api/openapi.json says: run make types" >&2
  diff "$types" "$made" | head -20 >&2
  exit 1
fi
