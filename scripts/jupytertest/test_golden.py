"""A corpus of notebooks: what their cells give is what is stored in them.

UPDATE_GOLDEN=1 pytest test_golden.py writes new outputs; read the difference before keeping it.
"""

import glob
import os
import re

import nbformat
import pytest
from nbclient import NotebookClient

from conftest import DATA, HERE

NOTEBOOKS = sorted(glob.glob(os.path.join(HERE, "golden", "*.ipynb")))

# What differs from run to run: times, and identifiers made for one result.
CHANGING = [
    (re.compile(r"\b(under )?\d+(\.\d+)? ?(µs|ms|s)\b"), "TIME"),
    (re.compile(r"\b\d+ min \d+ s\b"), "TIME"),
    (re.compile(r'"elapsed_ms": [0-9.]+'), '"elapsed_ms": 0'),
]


def settle(value):
    if isinstance(value, str):
        for pattern, to in CHANGING:
            value = pattern.sub(to, value)
        return value
    if isinstance(value, dict):
        return {k: 0 if k in ("elapsed_ms", "elapsed") else settle(v) for k, v in value.items()}
    if isinstance(value, list):
        return [settle(v) for v in value]
    return value


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[os.path.basename(p) for p in NOTEBOOKS])
def test_notebook_gives_what_it_gave(path):
    stored = nbformat.read(path, as_version=4)
    fresh = nbformat.from_dict(dict(stored))
    fresh.cells = [nbformat.from_dict(dict(c, outputs=[], execution_count=None) if c.cell_type == "code" else dict(c)) for c in stored.cells]
    NotebookClient(fresh, kernel_name="sextant", allow_errors=True, record_timing=False, resources={"metadata": {"path": DATA}}, timeout=60).execute()
    nbformat.validate(fresh)
    fresh.metadata.pop("language_info", None)
    for cell in fresh.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.from_dict(settle(dict(o))) for o in cell.outputs]
    if os.environ.get("UPDATE_GOLDEN"):
        nbformat.write(fresh, path)
        return
    for was, now in zip(stored.cells, fresh.cells):
        if was.cell_type == "code":
            assert now.outputs == was.outputs, was.source
            assert now.execution_count == was.execution_count
