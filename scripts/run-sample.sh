#!/usr/bin/env bash
# Runs the sample notebook with the kernel just built and prints its results.
set -eu
cd "$(dirname "$0")/../samples"
jupyter=../.venv/bin/jupyter
echo "Running samples/flights.ipynb with the SQL kernel:"
../.venv/bin/python ../scripts/run_notebook.py flights.ipynb
cat <<TEXT

To go on in JupyterLab:  make lab
To use the kernel elsewhere:  make wheel, then pip install dist/*.whl into that environment.
TEXT
