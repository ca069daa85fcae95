"""Results that are larger than memory should ever be."""

import os
import tempfile

import peers
import table
from kernels import Kernel

# What is selected: numbers and texts that DuckDB makes as fast as it is asked for them.
ROWS = "SELECT i, i % 1000 AS k, i * 0.5 AS x, 'row ' || i AS s FROM range({n}) t(i)"


def stored(folder):
    return {"sextant": {"store_result": {"dir": folder}}}


def rows(b):
    """50 million rows: the first on the screen, and all of them through the kernel"""
    sql = ROWS.format(n=50_000_000)
    first, star, peak, wall, cpu = [], [], [], [], []
    for _ in range(b.times(5, 1)):
        with Kernel(b.sextant) as k, tempfile.TemporaryDirectory(dir=peers.WORK) as folder:
            k.ready()
            k.run("SELECT 1").ok()
            first.append(k.run(sql).ok().first * 1000)
            star.append(k.run("FROM range(50000000)").ok().first * 1000)
    for _ in range(b.times(3, 1)):
        with Kernel(b.sextant) as k, tempfile.TemporaryDirectory(dir=peers.WORK) as folder:
            k.ready()
            before = k.cpu()
            r = k.run(sql, stored(folder)).ok()
            kept = r.outputs[-1]["content"]["metadata"]["sextant"]["result"]
            if kept["rows"] != 50_000_000:
                raise RuntimeError(f"{kept['rows']} rows were stored")
            peak.append(k.peak_mb())
            wall.append(r.wall)
            cpu.append(k.cpu() - before)
    return [
        table.row("rows", "First rows of 50 million, 4 columns", "ms", table.median(first), limit=table.at_most(100, "ms")),
        table.row("rows", "First rows of 50 million, 1 column", "ms", table.median(star), limit=table.at_most(100, "ms")),
        table.row("rows", "Reading all 50 million into a result file, peak RSS", "MB", table.median(peak), limit=table.at_most(150, "MB")),
        table.row("rows", "Reading all 50 million, wall", "s", table.median(wall)),
        table.row("rows", "Reading all 50 million, CPU", "s", table.median(cpu)),
    ]


def parquet(b):
    """a result into Parquet, beside DuckDB's COPY … TO with the same zstd level"""
    folder, _ = peers.tpch()
    lineitem = os.path.join(folder, "lineitem.parquet")
    n = b.times(50_000_000, 5_000_000)
    cases = [
        (f"{n // 1_000_000} million made rows, 4 columns", ROWS.format(n=n)),
        (f"{n // 1_000_000} million numbers, 3 columns", f"SELECT i, i % 1000 AS k, i * 0.5 AS x FROM range({n}) t(i)"),
        ("TPC-H lineitem, 6 million rows, 16 columns", f"FROM '{lineitem}'"),
    ]
    out = []
    for what, sql in cases:
        ours, theirs, ours_cpu, theirs_cpu, sizes, peak = [], [], [], [], [0, 0], [0, 0]
        for _ in range(b.times(3, 1)):
            with tempfile.TemporaryDirectory(dir=peers.WORK) as tmp, peers.DuckDB() as duck, Kernel(b.sextant) as k:
                k.ready()
                before = k.cpu()
                r = k.run(sql, stored(tmp)).ok()
                ours.append(r.wall)
                ours_cpu.append(k.cpu() - before)
                sizes[0] = r.outputs[-1]["content"]["metadata"]["sextant"]["result"]["bytes"] / 1e6
                peak[0] = max(peak[0], k.peak_mb())
                copy = os.path.join(tmp, "copy.parquet")
                a = duck.run(f"COPY ({sql}) TO '{copy}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)", "none")
                theirs.append(a["wall"])
                theirs_cpu.append(a["cpu"])
                peak[1] = max(peak[1], a["peak"])
                sizes[1] = os.path.getsize(copy) / 1e6
        t, d = min(ours), min(theirs)
        speed = 100 * d / t
        note = f"files of {sizes[0]:.0f} and {sizes[1]:.0f} MB"
        out += [
            table.row("parquet", what + ", wall", "s", t, {"COPY": d}, note=note),
            table.row("parquet", what + ", CPU", "s", min(ours_cpu), {"COPY": min(theirs_cpu)}),
            table.row("parquet", what + ", peak RSS", "MB", peak[0], {"COPY": peak[1]}),
            table.row("parquet", what + ", speed of COPY", "%", speed, limit=table.at_least(50, "%")),
        ]
    return out


def frame(b):
    """what 10 million rows cost as a data frame"""
    n = b.times(10_000_000, 1_000_000)
    sql = ROWS.format(n=n)
    wall, peak = {}, {}
    with Kernel(b.jupysql) as k:
        k.ready()
        k.run(b.jupysql.setup).ok()
        k.run("%config SqlMagic.autopandas = True").ok()
        r = k.run(f"df = %sql {sql}").ok()
        wall["JupySQL, data frame"], peak["JupySQL, data frame"] = r.wall, k.peak_mb()
    with peers.DuckDB() as duck:
        a = duck.run(sql, "frame")
        wall["duckdb, data frame"], peak["duckdb, data frame"] = a["wall"], a["peak"]
    with Kernel(b.sextant) as k, tempfile.TemporaryDirectory(dir=peers.WORK) as folder:
        k.ready()
        r = k.run(sql, stored(folder)).ok()
        ours, ours_peak = r.wall, k.peak_mb()
    what = f"{n // 1_000_000} million rows kept"
    return [
        table.row("frame", what + ", wall", "s", ours, wall),
        table.row("frame", what + ", peak RSS", "MB", ours_peak, peak),
    ]
