"""Reading pages beside the stock server's /nbconvert/html: unchanged, kept and new ones, and the first screen of a large one."""

import http.client
import json
import time

import contenders
import measure_render
import table

PEER = "jupyter server"
HTML = ("Accept: text/html",)
SCREEN = 64 << 10  # bytes of HTML that fill a screen many times


def first_screen(server, path):
    """Seconds until the first cells are there, and until all is."""
    c = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
    began = time.perf_counter()
    c.request("GET", path, headers={"Authorization": "token " + server.token, "Accept": "text/html"})
    r = c.getresponse()
    got, first = b"", None
    while more := r.read1(1 << 16):
        if first is None:
            got += more
            if len(got) >= SCREEN and b"</section>" in got or b"jp-Cell-outputWrapper" in got:
                first = time.perf_counter() - began
    whole = time.perf_counter() - began
    c.close()
    if r.status != 200 or first is None:
        raise RuntimeError(f"{server.name}: {path}: {r.status}, {got[:200]}")
    return first, whole


def rate(what, runs, theirs, least):
    """A row of what the server's CPU time allows in a second on two cores. The load generator runs on the same cores: what
    came of both together stands in the note."""
    ours = min(runs, key=lambda r: r["cpu"])
    note = f"{ours['cpu']:.2f} ms CPU each; {ours['rate']:,.0f}/s with the load generator on the same cores, p99 {ours['p99']:.3g} ms"
    return table.row("pages", what, "/s", 2000 / ours["cpu"], theirs, table.at_least(least, "/s"), note)


def pages(b):
    """reading pages: unchanged, kept, new, and the first screen of 45 MB"""
    contenders.build_load()
    maker = measure_render.Maker()
    n = b.times(600, 100)
    small = json.dumps(maker.of(10))
    large = json.dumps(maker.large(45e6))
    rows = []
    with contenders.Sextant() as ours, contenders.Jupyter() as theirs:
        ours.own_token()
        folder = ours.folder("pages")
        ids = [ours.create(folder, f"{i}.ipynb", small) for i in range(n)]
        theirs.write("small.ipynb", small)
        theirs.write("large.ipynb", large)
        stock = [theirs.load("GET", "/nbconvert/html/small.ipynb", 4, b.times(24, 4)) for _ in range(2)]
        peer = {PEER: 2000 / min(r["cpu"] for r in stock)}
        page = f"/n/{ids[0]}"
        # Each view once: with and without code, and with all, are three that were never rendered.
        fresh = [ours.load("GET", f"/n/@@ID@@{query}", 4, n, HTML, ids=",".join(ids), each=True) for query in ("?code=1", "?all=1", "")]
        kept = [ours.load("GET", page, 8, b.times(20_000, 1000), HTML) for _ in range(3)]
        c = http.client.HTTPConnection("127.0.0.1", ours.port)
        c.request("GET", page, headers={"Authorization": "token " + ours.token, "Accept": "text/html"})
        etag = c.getresponse().headers["ETag"]
        c.close()
        same = [ours.load("GET", page, 8, b.times(20_000, 1000), (*HTML, "If-None-Match: " + etag)) for _ in range(3)]
        rows.append(rate("Unchanged page, 304, on two cores", same, {}, 5000))
        rows.append(rate("Kept page of 10 cells, on two cores", kept, peer, 5000))
        rows.append(rate("New page of 10 cells, never rendered before, on two cores", fresh, peer, 1000))
        big = ours.create(folder, "large.ipynb", large)
        ours.forget_peak()
        cold = [first_screen(ours, f"/n/{big}{query}") for query in ("", "?code=1", "?all=1", "?all=1&code=1")]
        peak = ours.status_mb("VmHWM")
        warm = [first_screen(ours, f"/n/{big}") for _ in range(5)]
        stock = first_screen(theirs, "/nbconvert/html/large.ipynb")
        for what, runs in (("never rendered before", cold), ("kept", warm)):
            first, whole = (table.median([r[i] for r in runs]) * 1000 for i in (0, 1))
            rows.append(table.row("pages", f"First screen of 45 MB, {what}", "ms", first, {PEER: stock[0] * 1000}, table.at_most(200, "ms"), f"all of it {whole:,.0f} ms; theirs {stock[1] * 1000:,.0f} ms"))
        rows.append(table.row("pages", "Peak RSS while 45 MB were rendered four times", "MB", peak, {PEER: theirs.status_mb("VmHWM")}))
    return rows
