#!/usr/bin/env bash
# Runs a command with a throw-away PostgreSQL server beside it: scripts/postgres.sh COMMAND [ARG...]
# The command finds the server's address in SEXTANT_TEST_POSTGRES; an address set already is used as it is. With
# SEXTANT_POSTGRES_DIR the data stays in that directory for the next time.
set -euo pipefail
if [ -n "${SEXTANT_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

find_bin() {
  command -v pg_config >/dev/null 2>&1 && [ -x "$(pg_config --bindir)/initdb" ] && { pg_config --bindir; return; }
  for dir in /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && { echo "$dir"; return; }
  done
  return 1
}

if ! bin=$(find_bin); then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing PostgreSQL (apt-get install postgresql)" >&2
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy postgresql; } >/dev/null
    bin=$(find_bin)
  else
    cat >&2 <<TEXT
PostgreSQL's server is needed for the tests. Either install it
  Debian: sudo apt-get install postgresql    macOS: brew install postgresql
or give the address of one that may be written to, with a password:
  SEXTANT_TEST_POSTGRES=postgres://user:password@127.0.0.1:5432/database
TEXT
    exit 1
  fi
fi

keep=${SEXTANT_POSTGRES_DIR:-}
if [ -n "$keep" ]; then
  mkdir -p "$keep"
  dir=$(cd "$keep" && pwd)
else
  dir=$(mktemp -d "${TMPDIR:-/tmp}/sextant-postgres.XXXXXX")
fi
as=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
  user=postgres
  id "$user" >/dev/null 2>&1 || user=nobody
  chown "$user" "$dir"
  chmod 755 "$dir"
  as=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$dir")
fi
stop() {
  if [ -n "$keep" ]; then
    (cd "$dir" && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m fast -w stop >/dev/null 2>&1) || true
  else
    (cd "$dir" && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1) || true
    rm -rf "$dir"
  fi
}
trap stop EXIT
trap 'exit 130' INT TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
made=
if [ ! -e "$dir/password" ]; then
  made=yes
  python3 -c 'import secrets; print(secrets.token_hex(16))' >"$dir/password"
  chmod 644 "$dir/password" # the directory is the server's own
fi
password=$(cat "$dir/password")
cd_run() { (cd "$dir" && "${as[@]}" "$@"); }
umask 022
[ -z "$made" ] || cd_run "$bin/initdb" -D "$dir/data" -U sextant --pwfile="$dir/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 ||
  { cat "$dir/initdb.log" >&2; exit 1; }
cd_run "$bin/pg_ctl" -D "$dir/data" -w -t 60 -l "$dir/data/log" \
  -o "-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= -c max_connections=300" start >/dev/null ||
  { cat "$dir/data/log" >&2; exit 1; }
if [ -n "$made" ]; then
  PGPASSWORD=$password "$bin/psql" -q -h 127.0.0.1 -p "$port" -U sextant -d postgres -c 'CREATE DATABASE sextant' >/dev/null
fi
export SEXTANT_TEST_POSTGRES=postgres://sextant:$password@127.0.0.1:$port/sextant
"$@"
