"""Reading stored results, with no session, beside pandas on the same Parquet file."""

import concurrent.futures
import http.client
import json
import os
import random
import subprocess
import time

import contenders
import peers
import table

PEER = "pandas"

SQL = """SELECT i AS id, i % 1000 AS customer, DATE '2020-01-01' + (i % 2000)::INTEGER AS day, (i * 7919) % 100003 / 100.0 AS amount,
    'product ' || (i % 317) AS product FROM range({rows}) t(i)"""


class Server(contenders.Sextant):
    """Ours, with the kernel of the tests' environment."""

    def env(self):
        return {**super().env(), "VIRTUAL_ENV": os.path.join(peers.ROOT, ".venv")}


def result(server, rows):
    """The id of a stored result of so many rows."""
    job = json.loads(server.want("POST", "/v1/jobs", json.dumps({"statement": SQL.format(rows=rows)}), {"Content-Type": "application/json"}))
    while job["state"] not in ("succeeded", "failed"):
        time.sleep(0.2)
        job = json.loads(server.want("GET", "/v1/jobs/" + job["id"]))
    nb = json.loads(server.want("GET", f"/v1/jobs/{job['id']}/notebook"))
    return nb["cells"][0]["outputs"][0]["metadata"]["sextant"]["result"]["id"]


class Reader:
    """One who reads, over one connection."""

    def __init__(self, server):
        self.server, self.c = server, http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)

    def get(self, path):
        """Seconds that an answer took, and how many bytes it had."""
        began = time.perf_counter()
        self.c.request("GET", path, headers={"Authorization": "token " + self.server.token})
        r = self.c.getresponse()
        size = 0
        while piece := r.read(1 << 16):
            size += len(piece)
        if r.status != 200:
            raise RuntimeError(f"{path}: {r.status}")
        return time.perf_counter() - began, size


# What an analyst would do: the same file, written as the same format.
PANDAS = """
import sys, time
import pandas
began = time.perf_counter()
frame = pandas.read_parquet(sys.argv[1])
if sys.argv[2] == "csv":
    frame.to_csv(sys.argv[3], index=False)
else:
    frame.head(int(sys.argv[4])).to_excel(sys.argv[3], index=False, engine="openpyxl")
print(time.perf_counter() - began)
"""


def pandas(parquet, kind, out, rows=0):
    return float(subprocess.run([peers.PYTHON, "-c", PANDAS, parquet, kind, out, str(rows)], check=True, capture_output=True, text=True).stdout)


def results(b):
    """a stored result of 10 million rows: pages, sorting, groups, 50 readers, downloads"""
    many, some = b.times(10_000_000, 500_000), b.times(1_000_000, 100_000)
    rows = []
    with Server() as server:
        server.own_token()
        big, small = result(server, many), result(server, some)
        others = [result(server, many) for _ in range(b.times(6, 1))]
        reader = Reader(server)
        at = f"/v1/results/{big}/rows"
        first = reader.get(f"/v1/results/{small}/rows")[0]
        time.sleep(1)  # as people read: then the next worker waits already
        colds = [reader.get(at)[0]]
        for other in others:
            time.sleep(0.5)
            colds.append(reader.get(f"/v1/results/{other}/rows")[0])
        cold = table.median(colds)
        same = [reader.get(at)[0] for _ in range(200)]
        jumps = [reader.get(f"{at}?offset={random.Random(i).randrange(many - 100)}")[0] for i in range(100)]
        sorts = [reader.get(f"{at}?sort={'-' * (i % 2)}{i % 5}")[0] for i in range(10)]
        groups = [reader.get(f"{at}?group={c}&measure=count&measure=mean.3&sort=-1")[0] for c in (1, 2, 4) * 3]
        q = f"p95 {table.quantile(same, 0.95) * 1000:.1f} ms"
        rows.append(table.row("results", f"Page of 100 of {many:,} rows, again", "ms p95", table.quantile(same, 0.95) * 1000, {}, table.at_most(20, "ms"), f"median {table.median(same) * 1000:.1f} ms"))
        rows.append(table.row("results", "Page of 100, anywhere in it", "ms p95", table.quantile(jumps, 0.95) * 1000, {}, table.at_most(60, "ms"), f"median {table.median(jumps) * 1000:.1f} ms"))
        rows.append(table.row("results", "First page of a result that nobody has read yet", "ms median", cold * 1000, {}, table.at_most(60, "ms"), f"of {len(colds)}, at most {max(colds) * 1000:.0f} ms; {first * 1000:.0f} ms for the very first reader of any ({some:,} rows)"))
        rows.append(table.row("results", "Sorted by a column, first page", "ms max", max(sorts) * 1000, {}, table.at_most(1000, "ms")))
        rows.append(table.row("results", "Grouped, counted, averaged", "ms max", max(groups) * 1000, {}, table.at_most(1000, "ms")))

        def view(i):
            one, r = Reader(server), random.Random(i)
            return [one.get(f"{at}?offset={r.randrange(many - 100)}")[0] for _ in range(b.times(20, 3))]

        began = time.perf_counter()
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            taken = [t for one in pool.map(view, range(50)) for t in one]
        whole = time.perf_counter() - began
        rows.append(table.row("results", "50 readers at once, each on pages anywhere", "pages/s", len(taken) / whole, {}, None, f"p95 {table.quantile(taken, 0.95) * 1000:.0f} ms, {q} alone"))

        parquet = os.path.join(server.dir, "small.parquet")
        with open(parquet, "wb") as f:
            f.write(server.want("GET", f"/v1/results/{small}/download?format=parquet"))
        out = os.path.join(server.dir, "out")
        server.forget_peak()
        seconds, size = min(reader.get(f"/v1/results/{small}/download?format=csv") for _ in range(3))
        theirs = min(pandas(parquet, "csv", out + ".csv") for _ in range(2))
        rows.append(table.row("results", f"CSV of {some:,} rows", "MB/s", size / 1e6 / seconds, {PEER: os.path.getsize(out + ".csv") / 1e6 / theirs}, table.at_least(50, "MB/s"), f"{some / seconds:,.0f} rows/s"))
        seconds, _ = reader.get(f"/v1/results/{small}/download?format=xlsx")
        part = some // 20
        theirs = pandas(parquet, "xlsx", out + ".xlsx", part)
        rows.append(table.row("results", f"Excel of {some:,} rows", "rows/s", some / seconds, {PEER: part / theirs}, table.at_least(100_000, "rows/s"), f"pandas with openpyxl: of {part:,} rows"))
        rows.append(table.row("results", "Peak RSS of the server meanwhile", "MB", server.status_mb("VmHWM")))
    return rows
