"""Notebooks of a given size as people have them: text, code with tables, and pictures and plots where there is room."""

import base64
import json
import random

COUNTER = "@@COUNT@@"  # what the load generator replaces


def markdown(rnd, n):
    words = " ".join(rnd.choice(("revenue", "by", "month", "and", "region", "shows", "that", "the", "quarter", "is", "above")) for _ in range(n))
    return {"cell_type": "markdown", "id": f"m{rnd.getrandbits(32):08x}", "metadata": {}, "source": f"## Step\n\n{words}."}


def table(rnd, rows):
    values = [[f"r{i}", str(rnd.randint(1, 10**6)), f"{rnd.random():.4f}"] for i in range(rows)]
    text = "\n".join("  ".join(v.rjust(9) for v in row) for row in values)
    html = "<table>" + "".join("<tr>" + "".join(f"<td>{v}</td>" for v in row) + "</tr>" for row in values) + "</table>"
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": text, "text/html": html}}


def code(rnd, outputs):
    source = "\n".join(f"x{i} = frame.groupby('k{i}').agg({{'v': 'sum'}}).sort_values('v')" for i in range(3))
    return {"cell_type": "code", "id": f"c{rnd.getrandbits(32):08x}", "metadata": {}, "execution_count": 1, "source": source, "outputs": outputs}


def picture(rnd, size):
    data = base64.b64encode(rnd.randbytes(size * 3 // 4)).decode()
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": data, "text/plain": "<Figure size 640x480>"}}


def plot(rnd, size):
    numbers = [round(rnd.random() * 1000, 3) for _ in range(size // 9)]
    data = {"data": [{"type": "scatter", "y": numbers}], "layout": {"title": {"text": "plot"}}}
    return {"output_type": "display_data", "metadata": {}, "data": {"application/vnd.plotly.v1+json": data, "text/plain": "plot"}}


def notebook(size):
    """A notebook of about size bytes as JSON, whose first cell's source holds COUNTER."""
    rnd = random.Random(size)
    cells = [code(rnd, [])]
    cells[0]["source"] = "run = '" + COUNTER + "'"
    steps = 6 if size < 100_000 else 30
    for _ in range(steps):
        cells += [markdown(rnd, 20), code(rnd, [table(rnd, 10)])]
    left = size - len(json.dumps(cells))
    each = max(100_000, left // 20)
    large = 0
    while left > each // 2:
        large += 1
        make = plot if large % 3 == 0 else picture
        cells.append(code(rnd, [make(rnd, min(each, left))]))
        left -= len(json.dumps(cells[-1]))
    return json.dumps(
        {"cells": cells, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    )
