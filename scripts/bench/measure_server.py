"""The content server beside stock jupyter server: notebooks read and saved, folders listed, memory, start."""

import json
import os
import re
import time

import notebooks
import peers
import contenders
import table

SIZES = {"10 kB": 10_000, "1 MB": 1_000_000, "20 MB": 20_000_000}
CONCURRENCY = (1, 16, 64)
# Requests of a turn, and turns: what 20 MB costs the peer is a second and more.
REQUESTS = {"10 kB": (1600, 320), "1 MB": (128, 32), "20 MB": (16, 8)}
TURNS = {"10 kB": 3, "1 MB": 2, "20 MB": 1}
PEER = "jupyter server"


def compared(bench, what, unit, ours, peer, factor=None, note=""):
    r = table.Row(bench, what, unit, ours, {PEER: peer}, note=note)
    if factor:
        r.target, r.met = f"≥ {factor} × less", peer >= factor * ours
    return r


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


class Notebooks:
    """One notebook of a size for each connection on both servers, and bodies to save."""

    def __init__(self, ours, theirs, label, workers):
        self.ours, self.theirs, self.label = ours, theirs, label
        text = notebooks.notebook(SIZES[label])
        first = text.replace(notebooks.COUNTER, "0" * len(notebooks.COUNTER))
        short = label.replace(" ", "")
        folder = ours.folder(short)
        self.ids = [ours.create(folder, f"{w}.ipynb", first) for w in range(workers)]
        for w in range(workers):
            theirs.write(f"{short}/{w}.ipynb", first)
        self.their_path = f"/api/contents/{short}/@@WORKER@@.ipynb"
        self.body = write(os.path.join(peers.WORK, f"body-{short}.json"), text)
        wrapped = json.dumps({"type": "notebook", "format": "json", "content": json.loads(text)})
        self.their_body = write(os.path.join(peers.WORK, f"their-body-{short}.json"), wrapped)
        self.count = 10**8

    def turn(self, server, verb, concurrency, requests):
        requests = max(requests, concurrency)
        if server is self.theirs:
            body = self.their_body if verb == "save" else None
            return server.load("PUT" if body else "GET", self.their_path, concurrency, requests, body=body, first=self.next(requests))
        path = "/v1/resources/@@ID@@/content"
        headers = ("If-Match: *",) if verb == "save" else ()
        body = self.body if verb == "save" else None
        ids = ",".join(self.ids[:concurrency])
        return server.load("PUT" if body else "GET", path, concurrency, requests, headers, body, self.next(requests), ids=ids)

    def next(self, n):
        self.count += n
        return self.count - n


def content(b):
    """notebooks of 10 kB, 1 MB and 20 MB read and saved by 1, 16 and 64 at a time"""
    contenders.build_load()
    rows = []
    with contenders.Sextant() as ours, contenders.Jupyter() as theirs:
        ours.own_token()
        for label in SIZES if not b.quick else ("10 kB", "1 MB"):
            nb = Notebooks(ours, theirs, label, max(CONCURRENCY))
            for s in (ours, theirs):
                s.forget_peak()
            for verb, factor in (("read", 10), ("save", 3)):
                for concurrency in CONCURRENCY:
                    rows += in_turns(b, nb, verb, factor, label, concurrency)
            limit = table.at_most(150, "MB") if label == "20 MB" else None
            rows.append(table.row("content", f"{label}, peak RSS of all of these", "MB", ours.status_mb("VmHWM"), {PEER: theirs.status_mb("VmHWM")}, limit))
    return rows


def in_turns(b, nb, verb, factor, label, concurrency):
    got = {nb.ours: [], nb.theirs: []}
    for turn in range(1 + b.times(TURNS[label], 1)):
        for server, requests in zip((nb.ours, nb.theirs), REQUESTS[label]):
            one = nb.turn(server, verb, concurrency, b.times(requests, requests // 8 + 1) if turn else requests // 8 + 1)
            if turn:  # the first warms up
                got[server].append(one)

    def of(server, key):
        return table.median([g[key] for g in got[server]])

    what = f"{verb.capitalize()} {label}, {concurrency} at a time"
    note = f"p50 {of(nb.ours, 'p50'):.3g} ms, p95 {of(nb.ours, 'p95'):.3g} ms; theirs {of(nb.theirs, 'p50'):.3g}, {of(nb.theirs, 'p95'):.3g} ms"
    rate = table.Row("content", f"{what}, per second", "/s", of(nb.ours, "rate"), {PEER: of(nb.theirs, "rate")})
    return [compared("content", f"{what}, CPU", "ms", of(nb.ours, "cpu"), of(nb.theirs, "cpu"), factor, note), rate]


def list_ours(server, folder):
    """Lists a folder page by page; gives how many were listed."""
    path, token, n = f"/v1/resources/{folder}/children?pageSize=1000", "", 0
    while True:
        text = server.want("GET", path + token)
        n += text.count(b'"revisionNumber"')
        found = re.search(rb'"nextPageToken":"([^"]+)"', text[-2000:])
        if not found:
            return n
        token = "&pageToken=" + found.group(1).decode()


def listing(b):
    """folders of 1,000 and 10,000 notebooks listed"""
    contenders.build_load()
    rows = []
    text = notebooks.notebook(2000).replace(notebooks.COUNTER, "0")
    body = write(os.path.join(peers.WORK, "body-small.json"), text)
    with contenders.Sextant() as ours, contenders.Jupyter() as theirs:
        ours.own_token()
        for size in (1000,) if b.quick else (1000, 10_000):
            folder = ours.folder(str(size))
            ours.load("POST", f"/v1/resources/{folder}/documents?name=n@@COUNT@@.ipynb", 4, size, body=body)
            for i in range(size):
                theirs.write(f"{size}/n{i}.ipynb", text)

            def ask(server):
                if server is theirs:
                    return len(json.loads(server.want("GET", f"/api/contents/{size}"))["content"])
                return list_ours(server, folder)

            got = {ours: [], theirs: []}
            for turn in range(1 + b.times(3, 1)):
                for server in (ours, theirs):
                    cpu, wall = server.cpu(), time.perf_counter()
                    if ask(server) != size:
                        raise RuntimeError(f"{server.name} listed another number of documents")
                    if turn:
                        got[server].append(((server.cpu() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
            cpu, wall = ({s: table.median([g[i] for g in v]) for s, v in got.items()} for i in (0, 1))
            note = f"{wall[ours]:.3g} ms; theirs {wall[theirs]:.3g} ms"
            rows.append(compared("listing", f"List {size:,} notebooks, CPU", "ms", cpu[ours], cpu[theirs], 20, note))
    return rows


def idle(b):
    """start, and memory of a server that waits"""
    starts, resting = {}, {}
    for kind in (contenders.Sextant, contenders.Jupyter):
        kind().close()  # makes what is made once
        times = []
        for _ in range(b.times(5, 2)):
            with kind(keep=True) as s:
                times.append(s.started * 1000)
        starts[kind.name] = table.median(times)
        with kind(keep=True) as s:
            if kind is contenders.Sextant:
                list_ours(s, "root")
            else:
                s.want("GET", "/api/contents")
            time.sleep(25)  # ours gives back what it does not need after 10 to 20 seconds
            resting[kind.name] = s.status_mb("VmRSS")
    return [
        table.row("serve", "Server, start until it answers", "ms", starts["Sextant"], {PEER: starts[PEER]}),
        table.row("serve", "Server, idle RSS", "MB", resting["Sextant"], {PEER: resting[PEER]}, table.at_most(40, "MB")),
    ]
