"""How soon a statement ends that is told to."""

import os
import random
import tempfile
import time

import peers
import table
from kernels import Kernel

ROWS = 20_000_000
MEMORY = "8GB"
GIVE_UP = 15  # seconds after which a peer counts as not interruptible
BIG = f"CREATE TABLE big AS SELECT i, i % 20000 AS k, 'row ' || i AS s FROM range({ROWS}) t(i)"


def statements(folder):
    target = os.path.join(folder, "copy.parquet")
    return {
        "scan": "SELECT count(*) FROM big WHERE regexp_matches(md5(md5(s)), 'x{3}')",
        "sort": "SELECT * FROM big ORDER BY md5(s), i",
        "join": "SELECT count(*) FROM big a JOIN big b ON a.k = b.k WHERE a.i + b.i = 7",
        "CTAS": "CREATE TABLE made AS SELECT big.*, md5(s) AS m FROM big, range(20)",
        "recursive CTE": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 1000000000) SELECT count(*) FROM r",
        "COPY": f"COPY (SELECT big.*, md5(s) AS m FROM big, range(20)) TO '{target}' (FORMAT parquet)",
    }


def stop(k, code, delay, timeout):
    """Milliseconds from the interrupt to the error and idle; None when the statement had ended before."""
    sent = time.perf_counter()
    msg = k.execute(code)
    if k.shell.poll(delay * 1000):
        k.finish(msg, sent)
        return None
    told = time.perf_counter()
    k.interrupt()
    r = k.finish(msg, sent, timeout)
    if r.status == "ok":
        return None
    return (sent + r.wall - told) * 1000


def measure(k, folder, tries, rng):
    """Interrupts of one kernel that goes on afterwards."""
    got = {}
    for name, sql in statements(folder).items():
        times, longest = [], 1.5
        while len(times) < tries:
            ms = stop(k, sql, rng.uniform(0.05, longest), 60)
            if ms is None:
                longest *= 0.7
                if longest < 0.06:
                    raise RuntimeError(f"{name} ends too soon to be interrupted")
                continue
            times.append(ms)
            # The kernel goes on: the next cell is not hit, and the data is there.
            k.run("SELECT count(*) FROM big").ok()
        got[name] = times
        table.log(f"{name}: " + " ".join(f"{t:.0f}" for t in sorted(times)) + " ms")
    return got


def measure_peer(recipe, sql, folder, tries, rng):
    """Interrupts of JupySQL, whose kernels are thrown away: some go on with the statement after they said it had ended."""
    times = []
    for _ in range(tries):
        with Kernel(recipe, cwd=folder) as k:
            k.ready()
            k.run(recipe.setup).ok()
            k.run(f"%sql SET memory_limit = '{MEMORY}'").ok()
            k.run("%sql " + BIG).ok()
            try:
                ms = stop(k, "%sql " + sql, rng.uniform(0.05, 1), GIVE_UP)
            except TimeoutError:
                ms = GIVE_UP * 1000
            if ms is not None:
                times.append(ms)
    return table.median(times) if times else None


def interrupt(b):
    """interrupt of a scan, a sort, a join, a CTAS, a recursive CTE and a COPY at random points"""
    rng = random.Random(2)
    with tempfile.TemporaryDirectory(dir=peers.WORK) as folder:
        with Kernel(b.sextant, cwd=folder, env={"SEXTANT_MEMORY": MEMORY}) as k:
            k.ready()
            k.run(BIG).ok()
            ours = measure(k, folder, b.times(11, 2), rng)
        theirs = {name: measure_peer(b.jupysql, sql, folder, b.times(2, 1), rng) for name, sql in statements(folder).items()}
        table.log("JupySQL: " + ", ".join(f"{n} {table.number(v, 'ms')}" for n, v in theirs.items()))
    out = []
    for name, times in ours.items():
        peer = {"JupySQL": theirs[name]} if theirs[name] is not None else {}
        note = f"max {max(times):.0f} ms"
        out.append(table.row("interrupt", f"Interrupt of a {name}, median", "ms", table.median(times), peer, table.at_most(100, "ms"), note))
    return out
