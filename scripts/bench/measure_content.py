"""Rights, listings and search over a generated company of a million documents, on both databases."""

import os
import re
import subprocess

import peers
import table

# The line of a benchmark in content/bench_test.go, the percentile that counts, and the target in milliseconds.
LINES = {
    "check": ("Check of one permission", "p99", 1),
    "get": ("Get of a document", "p99", None),
    "shared-with-me/person": ("Shared with me, first page", "p95", 50),
    "shared-with-me/many-groups": ("Shared with me, who is in many groups", "p95", 50),
    "visible/owner": ("Everything visible, first page, who sees all", "p95", 50),
    "visible/many-groups": ("Everything visible, who sees a tenth", "p95", 50),
    "visible/few-grants": ("Everything visible, who sees nine", "p95", 50),
    "search/owner": ("Search for a word, who sees all", "p95", 50),
    "search/many-groups": ("Search for a word, who sees a tenth", "p95", 50),
    "search/few-grants": ("Search for a word, who sees nine", "p95", 50),
    "search/common-words": ("Search for the three commonest words", "p95", 50),
    "list-folder": ("List a folder", "p95", None),
}


def rights(b):
    """rights, listings and search at a million documents, 200,000 of them searched"""
    data = os.path.join(peers.WORK, "company")
    os.makedirs(data, exist_ok=True)
    env = {**os.environ, "SEXTANT_BENCH_DOCS": "20000" if b.quick else "1000000", "SEXTANT_POSTGRES_DIR": data + "-postgres"}
    if b.quick:
        data += "-quick"
        env["SEXTANT_POSTGRES_DIR"] += "-quick"
        os.makedirs(data, exist_ok=True)
    env.pop("SEXTANT_TEST_POSTGRES", None)
    test = f"go test -run '^$' -bench Authorization -benchtime {b.times(1000, 50)}x -timeout 60m ./content"
    script = f"SEXTANT_BENCH_DIR='{data}' SEXTANT_BENCH_POSTGRES=$SEXTANT_TEST_POSTGRES {test}"
    done = subprocess.run(["scripts/postgres.sh", "bash", "-c", script], cwd=peers.ROOT, env=env, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    got = {}
    for line in done.stdout.splitlines():
        found = re.match(r"BenchmarkAuthorization/(\w+)/(\S+?)(?:-\d+)?\s", line)
        if found:
            got[found.groups()] = {p: float(v) / 1000 for v, p in re.findall(r"([\d.]+) (p\d+)-µs", line)}
    rows = []
    for name, (what, percentile, limit) in LINES.items():
        for database in ("sqlite", "postgres"):
            v = got[database, name]
            note = f"p50 {v['p50']:.3g} ms"
            limited = table.at_most(limit, "ms") if limit else None
            rows.append(table.row("rights", f"{what}, {DATABASES[database]}, {percentile}", "ms", v[percentile], {}, limited, note))
    return rows


DATABASES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
