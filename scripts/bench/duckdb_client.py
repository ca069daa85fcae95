"""Runs in the peers' environment: statements as JSON lines on stdin, what they cost as JSON lines on stdout."""

import glob
import json
import os
import sys
import time

import duckdb


def tpch_queries(path):
    import duckdb_extension_tpch

    found = glob.glob(os.path.join(os.path.dirname(duckdb_extension_tpch.__file__), "extensions", "*", "tpch.duckdb_extension"))
    con = duckdb.connect()
    con.execute(f"LOAD '{found[0]}'")
    rows = con.execute("SELECT query FROM tpch_queries() ORDER BY query_nr").fetchall()
    with open(path, "w") as f:
        json.dump([r[0] for r in rows], f, indent=1)


def peak_mb():
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


def serve():
    con = duckdb.connect()
    for line in sys.stdin:
        job = json.loads(line)
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            result = con.execute(job["sql"])
            rows = 0
            if job["how"] == "all":
                rows = len(result.fetchall())
            elif job["how"] == "frame":
                frame = result.df()
                rows = len(frame)
            answer = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu, "rows": rows, "peak": peak_mb()}
        except Exception as e:
            answer = {"error": str(e)}
        print(json.dumps(answer), flush=True)


if sys.argv[1:2] == ["--tpch-queries"]:
    tpch_queries(sys.argv[2])
else:
    serve()
