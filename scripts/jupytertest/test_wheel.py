"""The wheel in an environment of its own, with the programs that people use it from."""

import json
import os
import re
import socket
import subprocess
import sys
import time

import nbformat
import pytest

from conftest import DATA, ROOT


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """A fresh virtual environment with the wheel and stock Jupyter."""
    wheel = os.environ.get("SEXTANT_TEST_WHEEL")
    if not wheel:
        assert not os.environ.get("CI"), "SEXTANT_TEST_WHEEL is not set"
        pytest.skip("SEXTANT_TEST_WHEEL is not set: make test-jupyter builds the wheel")
    root = tmp_path_factory.mktemp("wheel")
    venv = root / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    with open(os.path.join(ROOT, "scripts", "requirements.txt")) as f:
        pinned = [line.strip() for line in f if line.startswith(("jupyterlab=", "jupyter_client=", "jupyter-console=", "nbclient=", "papermill="))]
    subprocess.run([str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel, *pinned], check=True)
    # Only the fresh environment's kernels are seen.
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "SEXTANT"))}
    clean.update(HOME=str(root / "home"), JUPYTER_PATH=str(root / "none"), PATH=str(venv / "bin") + ":/usr/bin:/bin")
    (root / "home").mkdir()
    return venv, clean, root


def run(env, *args, **kw):
    venv, variables, root = env
    out = subprocess.run([str(venv / "bin" / "python"), *map(str, args)], capture_output=True, text=True, env=variables, timeout=180, cwd=root, **kw)
    assert out.returncode == 0, out.stdout + out.stderr
    return out


def notebook(path, *sources, tags=()):
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "sextant", "display_name": "SQL (DuckDB)", "language": "sql"}})
    nb.cells = [nbformat.v4.new_code_cell(s) for s in sources]
    for cell, tag in zip(nb.cells, tags):
        cell.metadata["tags"] = [tag] if tag else []
    nbformat.write(nb, path)


def texts(path):
    nb = nbformat.read(path, as_version=4)
    nbformat.validate(nb)
    return ["".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in c.outputs) for c in nb.cells]


def test_kernelspec_points_into_the_environment(env):
    venv, _, _ = env
    specs = json.loads(run(env, "-m", "jupyter", "kernelspec", "list", "--json").stdout)["kernelspecs"]
    assert specs["sextant"]["resource_dir"].startswith(str(venv))
    assert specs["sextant"]["spec"]["language"] == "sql"
    for logo in ("logo-svg.svg", "logo-32x32.png", "logo-64x64.png"):
        assert os.path.getsize(os.path.join(specs["sextant"]["resource_dir"], logo)) > 100


def test_nbclient_and_jupyter_execute(env):
    _, _, root = env
    notebook(root / "a.ipynb", "CREATE TABLE t AS FROM '%s/weather.csv'" % DATA, "SELECT count(*) AS n FROM t")
    run(env, "-m", "jupyter", "execute", "--inplace", "a.ipynb")
    assert "1461" in texts(root / "a.ipynb")[1]


def test_nbconvert_keeps_the_error_in_the_notebook(env):
    _, _, root = env
    notebook(root / "e.ipynb", "SELECT 1 AS a", "SELECT nothing_here", "SELECT 3")
    run(env, "-m", "jupyter", "nbconvert", "--to", "notebook", "--execute", "--allow-errors", "--output", "e2.ipynb", "e.ipynb")
    nb = nbformat.read(root / "e2.ipynb", as_version=4)
    assert nb.cells[1].outputs[0].ename == "BinderException" and nb.cells[2].outputs


def test_papermill_sets_parameters_as_values(env):
    _, _, root = env
    notebook(root / "p.ipynb", "%params name='nobody' n:SMALLINT=1", "SELECT $name AS name, typeof($n) AS t, $n + 1 AS n", tags=["parameters", ""])
    run(env, "-m", "papermill", "p.ipynb", "q.ipynb", "-p", "name", "O'Hara; DROP", "-p", "n", "41")
    assert all(s in texts(root / "q.ipynb")[-1] for s in ("O'Hara; DROP", "SMALLINT", "42")), texts(root / "q.ipynb")


def test_papermill_lists_parameters(env):
    _, _, root = env
    notebook(root / "h.ipynb", "%params region='EU' since:DATE='2024-01-01'", "SELECT 1", tags=["parameters", ""])
    text = run(env, "-m", "papermill", "--help-notebook", "h.ipynb").stdout
    assert "region" in text and "since" in text and "DATE" in text and "'2024-01-01'" in text


def test_console(env):
    venv, variables, root = env
    import pexpect

    child = pexpect.spawn(str(venv / "bin" / "python"), ["-m", "jupyter", "console", "--kernel", "sextant", "--simple-prompt"], env=dict(variables, TERM="dumb"), encoding="utf-8", timeout=60, cwd=str(root), dimensions=(40, 160))
    child.expect(r"In \[1\]")
    child.sendline("SELECT 41 + 1 AS answer")
    child.expect("42")
    child.expect(r"In \[2\]")
    child.sendline("SELECT nope")
    child.expect("BinderException")
    child.expect(r"In \[3\]")
    child.sendeof()
    child.expect("exit")
    child.sendline("y")
    child.expect(pexpect.EOF)


def test_help_and_version(env):
    venv, _, _ = env
    program = str(venv / "bin" / "sextant-kernel")
    version = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
    assert re.search(r"\d+\.\d+\.\d+.*DuckDB v1\.5\.5", version)
    help_text = subprocess.run([program, "--help"], capture_output=True, text=True).stdout
    help_text += subprocess.run([program, "run", "--help"], capture_output=True, text=True).stdout
    assert all(word in help_text for word in ("install", "uninstall", "SEXTANT_DATABASE", "--memory"))


def test_install_and_uninstall(env):
    venv, variables, root = env
    program = str(venv / "bin" / "sextant-kernel")
    subprocess.run([program, "install", "--prefix", str(root / "p"), "--name", "my-sql", "--display-name", "Mine", "--env", "SEXTANT_ROWS=5"], check=True, env=variables)
    spec = json.loads((root / "p/share/jupyter/kernels/my-sql/kernel.json").read_text())
    assert spec["display_name"] == "Mine" and spec["env"] == {"SEXTANT_ROWS": "5"} and os.path.samefile(spec["argv"][0], program)
    subprocess.run([program, "install", "--user"], check=True, env=variables)
    assert (root / "home/.local/share/jupyter/kernels/sextant/logo-svg.svg").exists()
    subprocess.run([program, "uninstall", "--user"], check=True, env=variables)
    subprocess.run([program, "install", "--sys-prefix"], check=True, env=dict(variables, VIRTUAL_ENV=str(root / "v")))
    assert (root / "v/share/jupyter/kernels/sextant/kernel.json").exists()
    subprocess.run([program, "uninstall", "--prefix", str(root / "p"), "--name", "my-sql"], check=True, env=variables)
    assert not (root / "p/share/jupyter/kernels/my-sql").exists()
    again = subprocess.run([program, "uninstall", "--prefix", str(root / "p"), "--name", "my-sql"], capture_output=True, text=True, env=variables)
    assert again.returncode == 1 and "no kernel my-sql" in again.stderr


def until_it_answers(port, seconds=60):
    end = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < end, "nothing listens on port %d" % port
            time.sleep(0.05)


def test_lab_lists_and_starts_it(env):
    """JupyterLab's own server: kernelspecs, a session, its websocket."""
    venv, variables, root = env
    from urllib.request import Request, urlopen

    import websocket

    token = "lab-test-token"
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = subprocess.Popen([str(venv / "bin" / "python"), "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=%d" % port, "--ServerApp.port_retries=0", "--IdentityProvider.token=" + token], env=variables, cwd=root, stderr=subprocess.DEVNULL)
    try:
        until_it_answers(port)
        base = "http://127.0.0.1:%d/" % port

        def call(path, body=None):
            data = json.dumps(body).encode() if body is not None else None
            with urlopen(Request(base + path, data=data, headers={"Authorization": "token " + token, "Content-Type": "application/json"}), timeout=30) as r:
                return json.load(r)

        assert "sextant" in call("api/kernelspecs")["kernelspecs"]
        session = call("api/sessions", {"path": "x.ipynb", "type": "notebook", "name": "x", "kernel": {"name": "sextant"}})
        ws = websocket.create_connection(base.replace("http", "ws") + "api/kernels/%s/channels?token=%s" % (session["kernel"]["id"], token), timeout=30)
        header = dict(msg_id="m1", msg_type="execute_request", session="s", username="u", version="5.3", date="2026-01-01T00:00:00Z")
        content = dict(code="SELECT 42 AS x", silent=False, store_history=True, user_expressions={}, allow_stdin=False, stop_on_error=True)
        ws.send(json.dumps(dict(channel="shell", header=header, parent_header={}, metadata={}, content=content, buffers=[])))
        while True:
            m = json.loads(ws.recv())
            if m["header"]["msg_type"] == "execute_result":
                assert "42" in m["content"]["data"]["text/plain"]
                break
        ws.close()
    finally:
        server.terminate()
        server.wait(timeout=30)


def test_samples_run(env):
    venv, _, root = env
    for name in sorted(os.listdir(os.path.join(ROOT, "samples"))):
        if name.endswith(".ipynb"):
            nb = nbformat.read(os.path.join(ROOT, "samples", name), as_version=4)
            if nb.metadata.kernelspec.name != "sextant":
                continue  # Python's own: this environment has the kernel and nothing else
            from nbclient import NotebookClient

            NotebookClient(nb, kernel_name="sextant", resources={"metadata": {"path": os.path.join(ROOT, "samples")}}, timeout=120).execute()
