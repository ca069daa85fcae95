#!/usr/bin/env bash
# Sees to it that there is a Chromium for the tests in a browser: installs it where that may be done, else says what to do.
set -euo pipefail
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing Chromium (apt-get install chromium)" >&2
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy chromium; } >/dev/null && exit 0
fi
cat >&2 <<TEXT
Chromium is needed for the tests in a browser. Install it:
  Debian: sudo apt-get install chromium    macOS: brew install --cask google-chrome, and have google-chrome in PATH
Without it these tests are left out, except where CI is set.
TEXT
[ -z "${CI:-}" ]
