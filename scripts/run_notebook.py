"""Runs a notebook with nbclient and prints each cell with its text output: python3 run_notebook.py NOTEBOOK."""

import sys

import nbformat
from nbclient import NotebookClient


def text_of(output):
    if output.output_type == "stream":
        return output.text
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return output.data.get("text/plain", "")


def main(path):
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, kernel_name="sextant", timeout=120).execute()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            print("\n" + cell.source)
        elif cell.cell_type == "code":
            print("\n" + "\n".join("    " + line for line in cell.source.splitlines()))
            for output in cell.outputs:
                print(text_of(output).rstrip("\n"))


main(sys.argv[1])
