"""Completion over a large catalogue."""

import os
import random
import time

import peers
import table
from kernels import Kernel

TABLES, COLUMNS = 5000, 50


def catalogue():
    """A database file of many wide tables."""
    path = os.path.join(peers.WORK, f"wide-{TABLES}x{COLUMNS}.duckdb")
    if not os.path.exists(path):
        table.log("making the catalogue")
        with peers.DuckDB() as duck:
            duck.run(f"ATTACH '{path}.new' AS wide", "none")
            duck.run("BEGIN", "none")
            for i in range(TABLES):
                columns = ", ".join(f"column_{i}_{j} {('INTEGER', 'VARCHAR', 'DOUBLE', 'TIMESTAMP')[j % 4]}" for j in range(COLUMNS))
                duck.run(f"CREATE TABLE wide.table_{i:04} ({columns})", "none")
            duck.run("COMMIT", "none")
            duck.run("DETACH wide", "none")
        os.rename(path + ".new", path)
    return path


def texts(rng):
    """What a person may have typed, ^ being the cursor, and what must be among the answers."""
    t, u = rng.sample(range(TABLES), 2)
    return [
        ("SEL^", "SELECT"),
        ("SELECT * FROM tab^", "table_0000"),
        (f"SELECT * FROM table_{t // 100:02}^", f"table_{t // 100:02}00"),
        (f"SELECT col^ FROM table_{t:04}", f"column_{t}_0"),
        (f"SELECT x.^ FROM table_{t:04} x JOIN table_{u:04} y ON x.column_{t}_0 = y.column_{u}_0", f"column_{t}_0"),
        (f"SELECT * FROM table_{t:04} WHERE column_{t}_1^", f"column_{t}_10"),
        (f"WITH c AS (SELECT * FROM table_{t:04}) SELECT c.^ FROM c", f"column_{t}_0"),
        ("SELECT da^", "date_trunc"),
    ]


def ask(k, rng, n, wrong):
    times = []
    for _ in range(n):
        for text, wanted in texts(rng):
            cursor = text.index("^")
            sent = time.perf_counter()
            reply = k.wait_reply(k.request("complete_request", {"code": text.replace("^", ""), "cursor_pos": cursor}))["content"]
            times.append((time.perf_counter() - sent) * 1000)
            if not any(m.endswith(wanted) for m in reply["matches"]):
                wrong.append(text)
    return times


def complete(b):
    """completion with 5,000 tables of 50 columns, idle and while a query runs"""
    rng = random.Random(1)
    n = b.times(60, 5)
    out, wrong = [], []
    with Kernel(b.sextant) as k:
        k.ready()
        k.run(f"ATTACH '{catalogue()}' AS wide (READ_ONLY); USE wide").ok()
        first = ask(k, rng, 1, wrong)
        quiet = ask(k, rng, n, wrong)
        changed = []
        for i in range(b.times(20, 3)):
            k.run(f"CREATE TABLE memory.main.made_{i} (a INTEGER)").ok()
            changed += ask(k, rng, 1, wrong)
        msg, sent = k.execute("SELECT count(*) FROM range(400000) a, range(400000) b WHERE hash(a.range, b.range) = 1"), time.perf_counter()
        time.sleep(1)
        busy = ask(k, rng, n, wrong)
        if k.shell.poll(0):
            raise RuntimeError("the long query ended too soon")
        k.interrupt()
        k.finish(msg, sent)
    for what, times, limit in (
        ("idle", quiet, table.at_most(20, "ms")),
        ("while a query runs", busy, table.at_most(20, "ms")),
        ("after each CREATE TABLE", changed, None),
    ):
        note = f"p50 {table.median(times):.1f}, max {max(times):.0f} ms"
        out.append(table.row("complete", f"Completion, {what}, p95", "ms", table.quantile(times, 0.95), limit=limit, note=note))
    out.append(table.row("complete", "Completion, the first of all, longest", "ms", max(first)))
    total = len(first) + len(quiet) + len(changed) + len(busy)
    out.append(table.row("complete", "Completions without what was looked for", "", len(wrong), limit=table.at_most(0, ""), note=f"of {total:,}"))
    for text in wrong[:8]:
        table.log(f"not found: {text}")
    return out
