"""What browsers get: how much, how fast, and the grid over a result of a million rows, in a real browser."""

import json
import os
import random
import shutil
import subprocess

from playwright.sync_api import sync_playwright

import peers
import table
from measure_results import Server, result

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LIGHTHOUSE = "12.2.1"  # the last for Node 20

# A click that leads to the result, until its rows are there: what the server drew, and what the grid has fetched.
SEEN = """() => new Promise(done => {
    const began = performance.timing.navigationStart - performance.timeOrigin;
    const look = () => document.querySelector('.g-cell[data-row]:not(.g-wait)') ? done(performance.now() - began) : requestAnimationFrame(look);
    look();
})"""

JUMP = """async to => {
    const scroll = document.querySelector('.g-scroll'), began = performance.now();
    scroll.scrollTop = to * scroll.scrollHeight;
    do await new Promise(requestAnimationFrame); while (document.querySelector('.g-row:not([hidden]) .g-wait'));
    return performance.now() - began;
}"""


def lighthouse(server, path, preset):
    """Scores of a page, from 0 to 100, and its audits."""
    root = os.path.join(peers.ROOT, ".cache", "lighthouse")
    program = os.path.join(root, "node_modules", ".bin", "lighthouse")
    if not os.path.exists(program):
        subprocess.run(["npm", "install", "--prefix", root, "--no-audit", "--no-fund", "--ignore-scripts", "--silent", f"lighthouse@{LIGHTHOUSE}"], check=True)
    out = os.path.join(server.dir, "lighthouse.json")
    headers = json.dumps({"Authorization": "token " + server.token})
    subprocess.run([program, f"http://127.0.0.1:{server.port}/{path}", "--quiet", "--only-categories=performance,accessibility", *(["--preset=desktop"] if preset == "desktop" else []),
                    "--chrome-flags=--headless=new --no-sandbox", "--extra-headers=" + headers, "--output=json", "--output-path=" + out], check=True, env={**os.environ, "CHROME_PATH": CHROMIUM})
    with open(out) as f:
        found = json.load(f)
    return {name: c["score"] * 100 for name, c in found["categories"].items()}, found["audits"]


def app(b):
    """the program in browsers: its size, Lighthouse, and the grid over a million rows"""
    many = b.times(1_000_000, 100_000)
    rows = []
    with Server() as server, sync_playwright() as p:
        server.own_token()
        folder = "n/" + next(f["id"] for f in json.loads(server.want("GET", "/v1/resources?pageSize=50&type=folder"))["items"] if f["name"] == "Samples")
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/starred?token={server.token}")
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        tools.send("Network.clearBrowserCache")
        sizes = []
        tools.on("Network.loadingFinished", lambda e: sizes.append(e["encodedDataLength"]))
        page.goto(f"http://127.0.0.1:{server.port}/{folder}")
        page.wait_for_selector(".shell:not(.drawn)")
        page.wait_for_timeout(500)
        rows.append(table.row("app", "First screen, all that is sent", "kB", sum(sizes) / 1000, {}, table.at_most(250, "kB"), "HTML, scripts, styles, icons and data of the content browser; brotli"))
        for name, path in (("home", ""), ("content browser", folder)):
            for preset in ("desktop", "mobile"):
                scores, audits = lighthouse(server, path, preset)
                note = ", ".join(audits[a]["displayValue"].replace("\xa0", " ") + " " + short for a, short in (("first-contentful-paint", "first paint"), ("total-blocking-time", "blocked"), ("cumulative-layout-shift", "shift")))
                rows.append(table.row("app", f"Lighthouse performance, {name}, {preset}", "", scores["performance"], {}, table.at_least(95, ""), note))
                if preset == "desktop":
                    rows.append(table.row("app", f"Lighthouse accessibility, {name}", "", scores["accessibility"], {}, table.at_least(95, "")))
        at = result(server, many)
        firsts, heap = [], []
        for _ in range(b.times(10, 3)):
            page.goto(f"http://127.0.0.1:{server.port}/starred")
            page.evaluate("path => location.assign(path)", f"/r/{at}")
            page.wait_for_url("**/r/*")
            firsts.append(page.evaluate(SEEN))
        drawn = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        rows.append(table.row("app", f"Grid: first rows of {many:,}, from the click", "ms median", table.median(firsts), {}, table.at_most(500, "ms"), f"p95 {table.quantile(firsts, 0.95):.0f} ms; the first hundred, drawn by the server, after {drawn:.0f} ms"))
        r = random.Random(1)
        tools.send("Performance.enable")
        jumps = []
        for part in range(4):
            jumps += [page.evaluate(JUMP, r.random()) for _ in range(b.times(50, 10))]
            tools.send("HeapProfiler.collectGarbage")
            heap.append({m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}["JSHeapUsedSize"] / 1e6)
        rows.append(table.row("app", "Grid: a jump anywhere", "ms p95", table.quantile(jumps, 0.95), {}, table.at_most(150, "ms"), f"median {table.median(jumps):.0f} ms"))
        rows.append(table.row("app", "Grid: memory of scripts after all jumps", "MB", heap[-1], {}, None, "after each quarter of them: " + ", ".join(f"{h:.1f}" for h in heap)))
        browser.close()
    return rows
