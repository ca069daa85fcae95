#!/usr/bin/env bash
# Runs the sample notebooks and keeps their outputs in them, so that they can be read before anything is run.
set -eu
cd "$(dirname "$0")/.."
env=.cache/samples-venv
test -x $env/bin/python || python3 -m venv $env
$env/bin/python -m pip install --quiet --disable-pip-version-check plotly==6.9.0 bokeh==3.9.2 pandas==3.0.1 ipykernel==7.3.0 nbclient==0.11.0 nbformat==5.11.1
bin/sextant-kernel install --prefix $env >/dev/null
$env/bin/python -m ipykernel install --prefix $env --name python3 >/dev/null
cd samples
JUPYTER_PATH=../$env/share/jupyter ../$env/bin/python - <<'PY'
import nbclient, nbformat

for name in ("flights.ipynb", "gapminder.ipynb"):
    nb = nbformat.read(name, as_version=4)
    nbclient.NotebookClient(nb, timeout=120, store_widget_state=False).execute()
    nb.metadata.pop("language_info", None)
    nbformat.write(nb, name)
    print(name, "ran")
PY
