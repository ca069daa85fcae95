"""Notebooks as HTML, beside nbconvert: its warm Python API against ours, and its program against `sextant render`.

By itself, `.venv/bin/python scripts/bench/measure_render.py`, it prints its own table.
"""

import base64
import json
import os
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib

import table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SEXTANT = os.path.join(ROOT, "bin", "sextant")

MARKDOWN = """## Section {i}

Some **bold** and *italic* text with `code`, a [link](https://example.org/a?b=c) and a list:

- first item
- second item{math}
- third

| column | value | remark |
|:--|--:|---|
| alpha | 1.5 | good |
| beta | 22.75 | *better* |

> A quotation of what somebody said about it.
"""

CODE = '''import pandas as pd
import numpy as np
from sklearn.linear_model import LinearRegression

@decorator
def fit(frame: pd.DataFrame, target="price", *, alpha=0.5):
    """Fit a model and say how good it is."""
    X = frame.drop(columns=[target]).to_numpy()  # features
    y = frame[target].values
    model = LinearRegression().fit(X, y)
    for i, (name, value) in enumerate(zip(frame.columns, model.coef_)):
        print(f"{name:>12}: {value:8.3f}")
    return model, {"r2": model.score(X, y), 'alpha': alpha * 1e-3}
'''


class Maker:
    """Makes notebooks of prose, code, text, frames, pictures and errors; the same ones every time."""

    def __init__(self):
        self.random = random.Random(7)

    def picture(self, width, height):
        """Noise: a picture that does not compress, as photographs and dense plots do not."""
        raw = b"".join(b"\0" + self.random.randbytes(width * 3) for _ in range(height))

        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

        return base64.b64encode(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                                + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")).decode()

    def frame(self, rows, columns):
        """What pandas writes for a frame."""
        html = ('<div>\n<style scoped>\n    .dataframe tbody tr th:only-of-type {\n        vertical-align: middle;\n    }\n\n'
                '    .dataframe thead th {\n        text-align: right;\n    }\n</style>\n<table border="1" class="dataframe">\n  <thead>\n'
                '    <tr style="text-align: right;">\n      <th></th>\n')
        html += "".join(f"      <th>column_{c}</th>\n" for c in range(columns)) + "    </tr>\n  </thead>\n  <tbody>\n"
        for r in range(rows):
            cells = "".join(f"      <td>{self.random.random() * 1000:.6f}</td>\n" for _ in range(columns))
            html += f"    <tr>\n      <th>{r}</th>\n{cells}    </tr>\n"
        return html + f"  </tbody>\n</table>\n<p>{rows} rows × {columns} columns</p>\n</div>"

    def cell(self, kind, source, outputs=()):
        c = {"cell_type": kind, "id": f"c{self.random.randrange(1 << 40):x}", "metadata": {}, "source": source.splitlines(True)}
        if kind == "code":
            c.update(execution_count=1, outputs=list(outputs))
        return c

    def pair(self, i, math):
        outputs = (
            lambda: text("".join(f"step {k}: loss={self.random.random():.4f}\n" for k in range(20))),
            lambda: shown({"text/html": self.frame(10, 8).splitlines(True), "text/plain": ["frame"]}),
            lambda: shown({"image/png": self.picture(120, 90), "text/plain": ["<Figure>"]}),
            lambda: {"output_type": "error", "ename": "ValueError", "evalue": "bad",
                     "traceback": ["\x1b[0;31mValueError\x1b[0m  Traceback", "\x1b[0;32m----> 1\x1b[0;31m \x1b[0;32mraise\x1b[0m"]},
        )[i % 4]()
        prose = MARKDOWN.replace("{i}", str(i)).replace("{math}", f" with $x_{i}^2 + \\frac{{1}}{{2}}$" if math else "")
        return [self.cell("markdown", prose), self.cell("code", CODE, [outputs])]

    def notebook(self, cells):
        return {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python", "pygments_lexer": "ipython3", "mimetype": "text/x-python"}}}

    def of(self, cells, math=False):
        return self.notebook([c for i in range(cells // 2) for c in self.pair(i, math)])

    def large(self, size):
        """Mostly pictures, with frames of 400 rows and logs of 4,000 lines."""
        cells, have, i = [], 0, 0
        while have < size:
            output = (shown({"image/png": self.picture(400, 300)}) if i % 5 < 3 else shown({"text/html": self.frame(400, 12).splitlines(True)}) if i % 5 == 3
                      else text("".join(f"{k:06d} INFO worker finished task {self.random.random()}\n" for k in range(4000))))
            cells += self.pair(i, False) + [self.cell("code", f"plot({i})", [output])]
            have += len(json.dumps(output)) + 6000
            i += 1
        return self.notebook(cells)


def text(value):
    return {"output_type": "stream", "name": "stdout", "text": value.splitlines(True)}


def shown(data):
    return {"output_type": "display_data", "data": data, "metadata": {}}


NBCONVERT = """
import sys, time, nbformat
from nbconvert import HTMLExporter
file, n = sys.argv[1], int(sys.argv[2])
exporter = HTMLExporter()
def once():
    began = time.process_time()
    exporter.from_notebook_node(nbformat.read(file, as_version=4))
    return time.process_time() - began
once()
print(sorted(once() for _ in range(n))[n // 2])
"""


def nbconvert_cpu(file, times):
    """CPU seconds of nbconvert's API, warm: the median of some renders after one that does not count."""
    return float(subprocess.run([sys.executable, "-c", NBCONVERT, file, str(times)], check=True, capture_output=True, text=True).stdout)


def our_cpu(program, file, times):
    """CPU seconds of our API, warm and with nothing cached: what many renders take more than few, all threads counted."""
    def spent(n):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "-test.run", "^$", "-test.bench", "^BenchmarkFile$", "-test.benchtime", f"{n}x"], check=True,
                       stdout=subprocess.DEVNULL, env={**os.environ, "SEXTANT_BENCH_NOTEBOOK": file})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    few = max(1, times // 10)
    return table.median([(spent(times) - spent(few)) / (times - few) for _ in range(3)])


def process(args):
    """One run of a program: seconds, and the most memory it held in bytes."""
    began = time.perf_counter()
    p = subprocess.Popen(args, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(p.pid, 0)
    if status:
        raise RuntimeError(f"{args} ended with {status}")
    return time.perf_counter() - began, usage.ru_maxrss * 1024


def first_cell(file):
    """Seconds from before the process is made until its first cell is read."""
    began = time.perf_counter()
    with subprocess.Popen([SEXTANT, "render", file, "-o", "-"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as p:
        got = b""
        while b"</section>" not in got:
            more = p.stdout.read1(1 << 16)
            if not more:
                raise RuntimeError("the page has no cell")
            got += more
        took = time.perf_counter() - began
        p.stdout.close()
        p.kill()
    return took


def faster(times, what):
    return lambda ours, theirs: (f"≤ {what} / {times}", ours <= theirs / times)


def compare(bench, what, unit, scale, ours, theirs, times, peer):
    target, met = faster(times, peer)(ours, theirs) if times else ("", None)
    return table.Row(bench, what, unit, ours * scale, {peer: theirs * scale}, target, met)


def render(b):
    """Notebooks → HTML"""
    root = tempfile.mkdtemp(prefix="sextant-bench-render-")
    try:
        return measured(b, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def measured(b, root):
    program = os.path.join(root, "render.test")
    env = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-trimpath"}
    subprocess.run(["go", "test", "-c", "-o", program, "./content/render"], check=True, cwd=ROOT, env=env)
    m = Maker()
    files = {}
    for name, notebook in (("small", m.of(10)), ("medium", m.of(100)), ("medium with 50 formulas", m.of(100, math=True)), ("large", m.large(45e6))):
        files[name] = os.path.join(root, name.replace(" ", "-") + ".ipynb")
        with open(files[name], "w") as f:
            json.dump(notebook, f, indent=1, ensure_ascii=False)
    rows = []
    for name, ours, theirs, times in (("small", 2000, 9, 100), ("medium", 300, 5, 100), ("medium with 50 formulas", 200, 3, None), ("large", 10, 1, 50)):
        table.log(f"{name}: {os.path.getsize(files[name]) / 1e6:.3g} MB")
        rows.append(compare("render", f"warm API, {name}, CPU", "ms", 1e3, our_cpu(program, files[name], b.times(ours, 10)), nbconvert_cpu(files[name], b.times(theirs, 1)), times, "nbconvert"))
    jupyter = os.path.join(os.path.dirname(sys.executable), "jupyter")
    idle = table.median([process([SEXTANT, "--version"])[1] for _ in range(5)])
    for name in ("small", "medium", "large"):
        out = os.path.join(root, "out.html")
        n = b.times(1 if name == "large" else 5, 1)
        mine = [process([SEXTANT, "render", files[name], "-o", out]) for _ in range(max(3, 3 * n))]
        peer = [process([jupyter, "nbconvert", "--to", "html", "--output", out, files[name]]) for _ in range(n)]
        rows.append(compare("render", f"process, {name}", "ms", 1e3, table.median([s for s, _ in mine]), table.median([s for s, _ in peer]), 30, "nbconvert"))
        if name == "large":
            size = os.path.getsize(files[name])
            held, theirs = (table.median([v for _, v in runs]) for runs in (mine, peer))
            rows.append(table.row("render", "process, large, memory beyond an idle process, in sizes of the notebook", "×", (held - idle) / size,
                                  {"nbconvert": theirs / size}, table.at_most(3, "×")))
    rows.append(table.row("render", "process, large, until the first cell is there", "ms", 1e3 * table.median([first_cell(files["large"]) for _ in range(b.times(9, 3))])))
    return rows


if __name__ == "__main__":
    class Full:
        quick = "--quick" in sys.argv

        def times(self, full, quick):
            return quick if self.quick else full

    for r in render(Full()):
        print(f"{r.what:75} {r.ours:10.3f} {r.unit:3} " + " ".join(f"{k} {v:.1f}, {v / r.ours:.0f} times ours" for k, v in r.peers.items()) + f"  {r.target} {r.flag()}")
