"""The kernels that are measured, DuckDB's own client, and the data, all below .cache."""

import dataclasses
import hashlib
import importlib.metadata
import json
import os
import subprocess
import sys
import venv

import table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(ROOT, ".cache")
VENV = os.path.join(CACHE, "bench-venv")
WORK = os.path.join(CACHE, "bench")
PYTHON = os.path.join(VENV, "bin", "python")
HERE = os.path.dirname(os.path.abspath(__file__))


@dataclasses.dataclass
class Recipe:
    name: str
    argv: list
    env: dict
    interrupt: str
    setup: str = ""  # what a user runs before the first query


def prepare():
    """Installs the peers where they are not there yet."""
    os.makedirs(WORK, exist_ok=True)
    wanted = os.path.join(HERE, "requirements.txt")
    with open(wanted, "rb") as f:
        stamp = os.path.join(VENV, ".stamp-" + hashlib.sha256(f.read()).hexdigest()[:12])
    if os.path.exists(stamp):
        return
    table.log("installing what to measure against")
    if not os.path.exists(PYTHON):
        venv.create(VENV, with_pip=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted], check=True)
    open(stamp, "w").close()


def recipes(kernel):
    """Ours, ipykernel alone, and ipykernel with JupySQL as people set it up. Their settings and histories are in .cache."""
    home = os.path.join(WORK, "home")
    os.makedirs(home, exist_ok=True)
    common = {
        "HOME": home,
        "XDG_DATA_HOME": os.path.join(home, "data"),
        "IPYTHONDIR": os.path.join(home, "ipython"),
        "PLOOMBER_STATS_ENABLED": "false",
        "PYTHONWARNINGS": "ignore",
    }
    python = [PYTHON, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    jupysql = "%load_ext sql\n%config SqlMagic.autopandas = False\n%sql duckdb://"
    return (
        Recipe("Sextant", [kernel, "-f", "{connection_file}"], common, "message"),
        Recipe("ipykernel", python, common, "signal"),
        Recipe("JupySQL", python, common, "signal", jupysql),
    )


class DuckDB:
    """DuckDB's own Python client in a process of its own."""

    def __init__(self):
        self.process = subprocess.Popen(
            [PYTHON, os.path.join(HERE, "duckdb_client.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, sql, how="all"):
        """Runs a statement; how is 'all' (fetch all rows), 'none', or 'frame'. Gives wall and CPU seconds and peak memory."""
        self.process.stdin.write(json.dumps({"sql": sql, "how": how}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("DuckDB's client ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait()


def tpch():
    """The folder of TPC-H's tables at scale factor 1 as Parquet, and the 22 queries as DuckDB's tpch extension words them."""
    folder = os.path.join(CACHE, "tpch", "sf1")
    queries = os.path.join(CACHE, "tpch", "queries.json")
    if not os.path.exists(os.path.join(folder, ".done")):
        table.log("generating TPC-H at scale factor 1")
        os.makedirs(folder, exist_ok=True)
        tool = os.path.join(VENV, "bin", "tpchgen-cli")
        subprocess.run([tool, "parquet", "-s", "1", "-o", folder, "--overwrite"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        open(os.path.join(folder, ".done"), "w").close()
    if not os.path.exists(queries):
        subprocess.run([PYTHON, os.path.join(HERE, "duckdb_client.py"), "--tpch-queries", queries], check=True)
    with open(queries) as f:
        return folder, json.load(f)


def versions(kernel, server_only=False):
    """What was measured, and with what."""
    if server_only:
        ours = subprocess.run([os.path.join(ROOT, "bin", "sextant"), "--version"], capture_output=True, text=True).stdout.strip()
        return f"sextant {ours}; jupyter_server {importlib.metadata.version('jupyter_server')}; Python {sys.version.split()[0]}"
    say = subprocess.run([kernel, "--version"], capture_output=True, text=True).stdout.strip()
    names = ["ipykernel", "jupysql", "duckdb", "duckdb-engine", "pandas"]
    code = "import importlib.metadata as m, sys; print(*[n + ' ' + m.version(n) for n in sys.argv[1:]], sep=', ')"
    peers = subprocess.run([PYTHON, "-c", code, *names], capture_output=True, text=True).stdout.strip()
    return f"{say}; {peers}; Python {sys.version.split()[0]}"
