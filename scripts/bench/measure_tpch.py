"""TPC-H beside DuckDB's own client of the same version."""

import math
import os

import peers
import table
from kernels import Kernel

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def tpch(b):
    """TPC-H at scale factor 1 from Parquet, 22 queries"""
    folder, queries = peers.tpch()
    n = b.times(5, 1)
    ours, theirs = [], []  # per query: best wall and best CPU
    with Kernel(b.sextant) as k, peers.DuckDB() as duck:
        k.ready()
        for t in TABLES:
            view = f"CREATE VIEW {t} AS FROM '{os.path.join(folder, t)}.parquet'"
            k.run(view).ok()
            duck.run(view, "none")
        for i, sql in enumerate(queries):
            a, d = [], []
            for turn in range(n + 1):
                before = k.cpu()
                wall = k.run(sql).ok().wall
                cpu = k.cpu() - before
                other = duck.run(sql)
                if turn > 0 or n == 1:  # the first turn warms the file cache
                    a.append((wall, cpu))
                    d.append((other["wall"], other["cpu"]))
            ours.append([min(v) for v in zip(*a)])
            theirs.append([min(v) for v in zip(*d)])
            table.log(f"query {i + 1}: {ours[-1][0] * 1000:.0f} ms, DuckDB {theirs[-1][0] * 1000:.0f} ms; CPU {ours[-1][1] * 1000:.0f} and {theirs[-1][1] * 1000:.0f} ms")
    out = []
    for at, what in ((0, "wall"), (1, "CPU")):
        total, other = sum(v[at] for v in ours), sum(v[at] for v in theirs)
        ratio = total / other
        per = [a[at] / d[at] for a, d in zip(ours, theirs)]
        mean = math.exp(sum(map(math.log, per)) / len(per))
        worst = max(range(len(per)), key=per.__getitem__)
        note = f"geometric mean {mean:.2f}×, worst Q{worst + 1} {per[worst]:.2f}×"
        out.append(table.Row("tpch", f"TPC-H SF1, 22 queries, {what}", "s", total, {"DuckDB": other}, "≤ 1.05 × DuckDB", ratio <= 1.05, note))
    return out
