"""JupyterLab's page from this server and from its own, in one browser by turns."""

import os
import shutil
import sys
import tempfile
import time

import psutil
import table

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "jupytertest"))

# Nothing is on the screen any more but the page itself: its launcher is shown, and what hid it while it loaded is gone.
READY = "() => document.querySelector('.jp-Launcher') && document.querySelector('.jp-DirListing-content') && !document.querySelector('#jupyterlab-splash')"


SETTLE = 3000


class Load:
    """One load of the page: milliseconds until it is ready, and what came over the wire."""

    def __init__(self, page, url, process):
        self.requests, self.bytes = 0, 0
        wire = page.context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.on("Network.loadingFinished", self.finished)
        before, began = cpu(process), time.perf_counter()
        page.goto(url)
        page.wait_for_function(READY, timeout=60000)
        self.ms = (time.perf_counter() - began) * 1000
        page.wait_for_timeout(SETTLE)  # what it asks for when it is ready belongs to the load too
        self.cpu = (cpu(process) - before) * 1000
        wire.detach()

    def finished(self, event):
        self.requests += 1
        self.bytes += event["encodedDataLength"]


def cpu(process):
    t = psutil.Process(process.pid).cpu_times()
    return t.user + t.system


def loads(browser, peer):
    """The first load in a browser that knows nothing, and one more."""
    context = browser.new_context()
    page = context.new_page()
    first = Load(page, f"{peer.url}lab?token={peer.token}", peer.process)
    again = Load(page, f"{peer.url}lab", peer.process)
    context.close()
    return first, again


def lab(b):
    """JupyterLab's page → ready"""
    from playwright.sync_api import sync_playwright

    import servers

    root = tempfile.mkdtemp(prefix="sextant-bench-lab-")
    ours, stock = servers.start_sextant(os.path.join(root, "sextant")), servers.start_stock(os.path.join(root, "stock"))
    got = {ours.name: [], stock.name: []}
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=servers.CHROMIUM, args=["--no-sandbox"])
            for n in range(b.times(7, 2)):
                for peer in (ours, stock):
                    pair = loads(browser, peer)
                    if n:  # the first ones warm up, for both
                        got[peer.name].append(pair)
            browser.close()
    finally:
        servers.stop(ours)
        servers.stop(stock)
        shutil.rmtree(root, ignore_errors=True)
    rows = []
    for which, name in enumerate(("first load", "loaded again")):
        for what, unit, value in (("", "ms", lambda v: v.ms), (", over the wire", "MB", lambda v: v.bytes / 1e6), (", requests", "", lambda v: v.requests),
                                  (", server CPU", "ms", lambda v: v.cpu)):
            mine, theirs = (table.median([value(pair[which]) for pair in got[peer.name]]) for peer in (ours, stock))
            row = table.Row("lab", f"JupyterLab, {name}{what}", unit, mine, {"jupyter lab": theirs})
            if unit in ("ms", "MB") and "CPU" not in what:
                # A line of noise is left to the time; bytes have none.
                row.target, row.met = "≤ 1 ×", mine <= theirs * (1.1 if unit == "ms" else 1)
            rows.append(row)
    return rows
