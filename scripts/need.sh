#!/usr/bin/env bash
# Says what is missing, and how to get it, before a build fails for want of it.
set -u
missing=0
for tool in "$@"; do
  command -v "$tool" >/dev/null 2>&1 && continue
  missing=1
  case $tool in
    go) echo "Go 1.26 or newer is needed: https://go.dev/dl/" ;;
    cc | g++) echo "A C compiler is needed (Debian: apt-get install build-essential; macOS: xcode-select --install)" ;;
    python3) echo "Python 3.9 or newer is needed (Debian: apt-get install python3 python3-venv)" ;;
    objdump) echo "objdump is needed (Debian: apt-get install binutils)" ;;
    node | npm) echo "Node 20 or newer with npm is needed: https://nodejs.org/ (Debian: apt-get install nodejs npm)" ;;
    git) echo "git is needed (Debian: apt-get install git; macOS: xcode-select --install)" ;;
    *) echo "$tool is needed" ;;
  esac >&2
done
exit $missing
