"""Reads one request a line, {"path", "ids"}, and answers with what nbformat makes of that file.

The answer has "error" if nbformat cannot read it, else "text" as its writer writes it (version 4.5, the cells having
the ids asked for, since its own are random) and "problem" if its validator complains.
"""
import json
import logging
import sys
import warnings

import nbformat
from nbformat import v4

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)


def answer(request):
    try:
        with open(request["path"], "rb") as f:
            text = f.read().decode("utf-8-sig")
        nb = nbformat.reads(text, as_version=4)
        # A fresh reading, since the one above may have been repaired by its validator.
        nb = nbformat.reader.reads(text)
        if nb.get("nbformat", 1) != 4:
            nb = nbformat.convert(nb, 4)
        elif nb["nbformat_minor"] < 5:
            nb = v4.upgrade(nb)
        for cell, id in zip(nb.cells, request["ids"], strict=True):
            cell["id"] = id
        problem = ""
        try:
            nbformat.validate(nb)
        except nbformat.ValidationError as e:
            problem = str(e).splitlines()[0]
        return {"text": v4.writes_json(nb) + "\n", "problem": problem}
    except Exception as e:
        return {"error": type(e).__name__ + ": " + str(e)[:200]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
