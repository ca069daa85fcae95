"""Sessions over the websocket, beside the stock Jupyter server with ipykernel and JupySQL, by turns."""

import json
import os
import shutil
import sys
import tempfile
import time

import peers
import psutil
import table
import websocket

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "jupytertest"))


class Side:
    """A server with a kernel to measure, and what one says to it."""

    def __init__(self, name, peer, kernel, first, again):
        self.name, self.peer, self.kernel, self.first, self.again = name, peer, kernel, first, again

    def open(self, protocol=True, timeout=300):
        """A kernel, and a connection to it."""
        from channels import V1, Channels

        k = self.peer.want(201, "POST", "api/kernels", {"name": self.kernel})["id"]
        return k, Channels(self.peer, k, protocol=V1 if protocol else None, timeout=timeout)

    def close(self, k):
        self.peer.do("DELETE", f"api/kernels/{k}")

    def click(self):
        """Milliseconds from the request for a kernel to its first result."""
        for attempt in range(5):
            began = time.perf_counter()
            k, c = self.open(timeout=15)
            try:
                c.finish(c.execute(self.first))
                return (time.perf_counter() - began) * 1000
            except websocket.WebSocketTimeoutException:  # now and then the stock server loses what is sent while its kernel starts
                if attempt == 4:
                    raise
            finally:
                c.close()
                self.close(k)


class Both:
    """Sextant and a stock server, each in a directory of its own."""

    def __init__(self, b):
        import servers

        self.root = tempfile.mkdtemp(prefix="sextant-bench-")
        self.servers = servers
        self.ours = servers.start_sextant(os.path.join(self.root, "sextant"), environment={"SEXTANT_LOG_LEVEL": "warn"})
        self.stock = servers.start_stock(os.path.join(self.root, "stock"))
        spec = os.path.join(self.root, "stock", "data", "kernels", "jupysql")
        os.makedirs(spec)
        with open(os.path.join(spec, "kernel.json"), "w") as f:
            json.dump({"argv": b.jupysql.argv, "env": b.jupysql.env, "display_name": "JupySQL", "language": "python"}, f)
        self.sextant = Side("Sextant", self.ours, "sextant", "SELECT 1", "SELECT 1")
        self.ipykernel = Side("ipykernel", self.stock, "python3", "1", "1")
        self.jupysql = Side("JupySQL", self.stock, "jupysql", b.jupysql.setup + "\n%sql SELECT 1", "%sql SELECT 1")
        self.python = Side("Sextant, ipykernel", self.ours, "python3", "1", "1")
        self.all = (self.sextant, self.ipykernel, self.jupysql, self.python)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in self.ours.want(200, "GET", "v1/sessions")["items"]:
            self.ours.do("DELETE", f"v1/sessions/{s['id']}")
        for peer in (self.ours, self.stock):
            self.servers.stop(peer)
        shutil.rmtree(self.root, ignore_errors=True)


def family(process):
    """The private memory of a process and all below it, in MB."""
    total = 0
    for p in [process] + process.children(recursive=True):
        try:
            total += p.memory_full_info().uss
        except psutil.Error:
            pass
    return total / 1e6


def begin(b):
    """new session → first result"""
    with Both(b) as s:
        cold, got = [], {x.name: [] for x in s.all}
        for x in s.all:
            x.click()
        for _ in range(b.times(12, 3)):
            for one in s.ours.want(200, "GET", "v1/sessions")["items"]:
                s.ours.do("DELETE", f"v1/sessions/{one['id']}")
            cold.append(s.sextant.click())
            for x in s.all:  # ours now finds a session that runs
                got[x.name].append(x.click())
    warm, slow = table.median(got["Sextant"]), table.median(got["JupySQL"])
    beside = {"JupySQL": slow, "ipykernel": table.median(got["ipykernel"])}
    cold = table.median(cold)
    return [
        table.row("begin", "Click → first result, nothing runs", "ms", cold, beside, table.at_most(150, "ms")),
        table.row("begin", "Click → first result, a session runs", "ms", warm, beside, table.at_most(30, "ms")),
        table.Row("begin", "Click → first result, times faster than JupySQL", "×", slow / cold, {}, "≥ 10 ×", slow / cold >= 10),
        table.row("begin", "Click → first result, ipykernel behind each server", "ms", table.median(got["Sextant, ipykernel"]), {"ipykernel": beside["ipykernel"]}),
    ]


def channels(b):
    """round trip of SELECT 1 through the websocket"""
    n = b.times(600, 100)
    with Both(b) as s:
        open_ = {x.name: (x, *x.open()) for x in s.all}
        times = {x.name: [] for x in s.all}
        for x, _, c in open_.values():
            c.finish(c.execute(x.first))
            for _ in range(20):
                c.finish(c.execute(x.again))
        for _ in range(10):
            for x, _, c in open_.values():
                for _ in range(n // 10):
                    began = time.perf_counter()
                    c.finish(c.execute(x.again))
                    times[x.name].append((time.perf_counter() - began) * 1000)
        for x, k, c in open_.values():
            c.close()
            x.close(k)

    def beside(f):
        return {n: f(times[n]) for n in ("JupySQL", "ipykernel")}

    def p99(v):
        return table.quantile(v, 0.99)

    return [
        table.row("channels", "SELECT 1 through the websocket, p50", "ms", table.median(times["Sextant"]), beside(table.median), table.at_most(2.5, "ms")),
        table.row("channels", "SELECT 1 through the websocket, p99", "ms", p99(times["Sextant"]), beside(p99), table.at_most(10, "ms")),
        table.row("channels", "1 in ipykernel behind each server, p50", "ms", table.median(times["Sextant, ipykernel"]), {"ipykernel": table.median(times["ipykernel"])}),
    ]


# What is sent, how often, what of it is counted, and whether both servers run ipykernel; else each runs its kernel of SQL. The stock
# server drops messages beyond its rate limit.
FLOODS = {
    "100,000 stream messages": (lambda n: f"import sys\nfor i in range({n}):\n    sys.stdout.write('x' * 40 + '\\n')\n    sys.stdout.flush()", 100_000, "lines", True),
    "10,000 results in one cell": (lambda n: f"from IPython.display import display\nfor i in range({n}): display(i)", 10_000, "display_data", True),
    "10,000 results of SQL in one cell": ({"Sextant": lambda n: ";\n".join(["SELECT 1"] * n),
                                          "JupySQL": lambda n: f"for i in range({n}): get_ipython().run_line_magic('sql', 'SELECT 1')"}, 10_000, "results", False),
    "one output of 10 MB": (lambda n: "'x' * 10_000_000", 1, "execute_result", True),
}


def flood(b):
    """much output of one cell, recorded into its document"""
    rows = []
    with Both(b) as s:
        for what, (code, n, counted, same) in FLOODS.items():
            n = n if not b.quick else max(1, n // 20)
            took, arrived = {}, {}
            one, other = (s.python, s.ipykernel) if same else (s.sextant, s.jupysql)
            for x in (one, other):
                best, source = None, (code if same else code[x.name])(n)
                for _ in range(b.times(3, 1)):
                    path = f"flood-{counted}.ipynb"
                    nb = {"cells": [{"cell_type": "code", "id": "c0", "metadata": {}, "source": source, "outputs": [], "execution_count": None}],
                          "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
                    x.peer.do("PUT", x.peer.contents(path), {"type": "notebook", "format": "json", "content": nb})
                    session = x.peer.want(201, "POST", "api/sessions", {"path": x.peer.path(path), "name": path, "type": "notebook", "kernel": {"name": x.kernel}})
                    from channels import Channels

                    c = Channels(x.peer, session["kernel"]["id"], timeout=300)
                    c.finish(c.execute(x.first))
                    began = time.perf_counter()
                    got = c.finish(c.execute(source, "c0"))
                    wall = time.perf_counter() - began
                    if counted == "lines":
                        count = sum(m["content"]["text"].count("\n") for m in got if m["msg_type"] == "stream" and m["content"]["name"] == "stdout")
                    else:
                        count = sum(m["msg_type"] in (("execute_result", "display_data") if counted == "results" else (counted,)) for m in got)
                    c.close()
                    x.peer.do("DELETE", f"api/sessions/{session['id']}")
                    if best is None or wall < best[0]:
                        best = (wall, count)
                took[x.name], arrived[x.name] = best
            ours, theirs = took[one.name], took[other.name]
            rate = (arrived[one.name] / ours) / max(arrived[other.name] / theirs, 1e-9)
            note = f"arrived {arrived[one.name]} of {n}; stock {arrived[other.name]}"
            rows.append(table.row("flood", what, "s", ours, {"stock server": theirs}, note=note))
            rows.append(table.Row("flood", what + ", rate against the stock server", "×", rate, {}, "≥ 3 ×", rate >= 3, "" if arrived[one.name] >= n else "NOT ALL ARRIVED"))
    return rows


def memory(b):
    """what idle sessions hold"""
    rows = []
    with Both(b) as s:
        alone = family(psutil.Process(s.ours.process.pid))
        stock = family(psutil.Process(s.stock.process.pid))
        ours_k, c = s.sextant.open()
        c.finish(c.execute("SELECT 1"))
        settle(s.ours)
        one = sum(family(x) for x in agents(s.ours))  # with the agent that waits for the next
        more = []
        users = [s.servers.user(s.ours, f"idle-{i}@x.org") for i in range(9)]
        for u in users:
            side = Side("Sextant", u, "sextant", "SELECT 1", "SELECT 1")
            more.append(side.open())
            more[-1][1].finish(more[-1][1].execute("SELECT 1"))
        settle(s.ours)
        ten = family(psutil.Process(s.ours.process.pid))  # agents are its children
        theirs = {}
        for side in (s.jupysql, s.ipykernel):
            opened = [side.open() for _ in range(10)]
            for k, ch in opened:
                ch.finish(ch.execute(side.first))
            theirs[side.name] = family(psutil.Process(s.stock.process.pid))
            for k, ch in opened:
                ch.close()
                side.close(k)
        rows.append(table.row("memory", "Idle session of SQL: agent and kernel, private", "MB", one, {}, table.at_most(30, "MB")))
        rows.append(table.row("memory", "Ten people's idle sessions with the server, private", "MB", ten, theirs, table.at_most(350, "MB")))
        rows.append(table.row("memory", "The server before any session, private", "MB", alone, {"stock server": stock}))
    return rows


def agents(peer):
    """The agents of a server that was not started anew: then they are its children."""
    return [p for p in psutil.Process(peer.process.pid).children() if "agent" in p.cmdline()[1:2]]


def settle(peer):
    """Waits until what is idle has given its memory back; there is no event for it."""
    time.sleep(8)
