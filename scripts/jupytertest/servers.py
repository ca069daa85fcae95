"""Two servers that Jupyter's clients cannot tell apart: Sextant, and the stock `jupyter lab` of the same environment."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse

import pytest
import requests

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TOKEN = "browser-test-administrator"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Peer:
    """A server, and somebody who uses it."""

    def __init__(self, url, token, home="", name="", process=None):
        self.url, self.token, self.home, self.name, self.process = url.rstrip("/") + "/", token, home, name, process
        self.http = requests.Session()

    def as_user(self, token, home):
        return Peer(self.url, token, home, self.name, self.process)

    def path(self, name):
        """A path in the folder that tests write to."""
        return "/".join(p for p in (self.home, name.strip("/")) if p)

    def contents(self, name=""):
        return "api/contents/" + urllib.parse.quote(self.path(name)) if self.path(name) else "api/contents"

    def do(self, method, path, body=None, token=True, **kw):
        headers = dict(kw.pop("headers", {}))
        if token:
            headers["Authorization"] = "token " + self.token
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        return requests.request(method, self.url + path, data=body, headers=headers, allow_redirects=kw.pop("allow_redirects", False), timeout=60, **kw)

    def get(self, path, **kw):
        return self.do("GET", path, **kw)

    def want(self, status, method, path, body=None, **kw):
        r = self.do(method, path, body, **kw)
        assert r.status_code == status, f"{self.name}: {method} {path}: {r.status_code} {r.text[:500]}"
        return r.json() if r.content and "json" in r.headers.get("Content-Type", "") else r

    def save_text(self, name, text, **more):
        return self.want(201, "PUT", self.contents(name), {"type": "file", "format": "text", "content": text, **more})

    def save_notebook(self, name, nb, status=201):
        return self.want(status, "PUT", self.contents(name), {"type": "notebook", "format": "json", "content": nb})


def notebook(*sources, outputs=(), **metadata):
    cells = [
        {"cell_type": "code", "id": f"c{i}", "metadata": dict(metadata), "source": s, "execution_count": None, "outputs": list(outputs)}
        for i, s in enumerate(sources)
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(url, process):
    """Waits until a server answers, or fails with what it said if it ended."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise AssertionError(f"the server ended with {process.returncode}")
        try:
            requests.get(url, timeout=5)
            return
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


def start_sextant(directory, base="/", environment=None, **options):
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SEXTANT", "JUPYTER"))}
    env.update(SEXTANT_ADMIN_TOKEN=TOKEN, VIRTUAL_ENV=sys.prefix, SEXTANT_SESSION_ORPHAN="3s")
    env.update(environment or {})
    command = [os.path.join(ROOT, "bin", "sextant"), "serve", "--data", str(directory), "--listen", f"127.0.0.1:{port}", "--base-url", base, "--no-samples"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)] if value is not True else [f"--{name.replace('_', '-')}"]
    log = open(os.path.join(str(directory) + ".log"), "wb")
    process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}" + urllib.parse.quote(base)
    answers(url + "api", process)
    return Peer(url, TOKEN, "home/admin@localhost", "sextant", process)


def stop(peer):
    peer.process.send_signal(signal.SIGTERM)
    try:
        peer.process.wait(20)
    except subprocess.TimeoutExpired:
        peer.process.kill()
        raise


def start_stock(directory):
    port = free_port()
    os.makedirs(os.path.join(directory, "root"))
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SEXTANT", "JUPYTER"))}
    env.update(HOME=str(directory), JUPYTER_CONFIG_DIR=os.path.join(directory, "config"), JUPYTER_DATA_DIR=os.path.join(directory, "data"))
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}",
               f"--ServerApp.root_dir={directory}/root", "--ServerApp.allow_root=True", "--LabApp.news_url=None"]
    log = open(os.path.join(str(directory), "log"), "wb")
    process = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/"
    answers(url + "api", process)
    return Peer(url, TOKEN, "", "stock", process)


@pytest.fixture(scope="session")
def sextant(tmp_path_factory):
    peer = start_sextant(tmp_path_factory.mktemp("sextant") / "data")
    peer.get("api/contents")  # makes the home folder
    yield peer
    stop(peer)


@pytest.fixture(scope="session")
def stock(tmp_path_factory):
    peer = start_stock(str(tmp_path_factory.mktemp("stock")))
    yield peer
    peer.process.kill()  # asked to end, it now and then waits long for its kernels, which end with it
    peer.process.wait()


@pytest.fixture(params=["sextant", "stock"])
def peer(request):
    """Each test of it says what both do."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def folder(peer, request):
    """A folder of the test's own, as a peer whose paths are in it."""
    name = re.sub(r"\W+", "-", request.node.name)[:60]
    peer.want(201, "PUT", peer.contents(name), {"type": "directory"})
    return peer.as_user(peer.token, peer.path(name))


def user(sextant, name):
    """Somebody with a home of their own."""
    member = urllib.parse.quote(f"user:{name}", safe="")
    sextant.want(204, "PUT", f"v1/principals/{member}", {"displayName": name})
    secret = sextant.want(201, "POST", "v1/tokens", {"principal": f"user:{name}", "name": "test"}, headers={"Content-Type": "application/json"})["secret"]
    who = sextant.as_user(secret, f"home/{name}")
    who.get("api/contents")
    return who


def share(sextant, owner, path, role, member):
    """Gives a role on a document."""
    resource = owner.want(200, "GET", "v1/resolve?path=/" + urllib.parse.quote(path))
    policy = owner.want(200, "GET", f"v1/resources/{resource['id']}/iam-policy")
    policy["bindings"] = policy.get("bindings", []) + [{"role": role, "members": [f"user:{member}"]}]
    owner.want(200, "PUT", f"v1/resources/{resource['id']}/iam-policy", policy, headers={"Content-Type": "application/json"})
    return resource["id"]


def b64(data):
    return base64.b64encode(data).decode()
