"""Servers as processes of our own, and the load generator."""

import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.parse

import peers
from kernels import cpu_of

LOAD = os.path.join(peers.WORK, "load")


def build_load():
    """Builds the load generator, which is Go so that it asks for less than any server gives."""
    env = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-trimpath"}
    subprocess.run(["go", "build", "-o", LOAD, "./scripts/bench/load"], cwd=peers.ROOT, env=env, check=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server on a directory of its own below .cache, and what it costs."""

    name = ""
    ready_path = ""

    def __init__(self, keep=False):
        self.dir = os.path.join(peers.WORK, "server-" + self.name.split()[0].lower())
        if not keep:
            shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir, exist_ok=True)
        self.port = free_port()
        self.token = secrets.token_hex(16)
        self.log = open(self.dir + ".log", "w")
        self.began = time.perf_counter()
        self.process = subprocess.Popen(self.argv(), env=self.env(), cwd=self.dir, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid
        while True:
            try:
                if self.ask("GET", self.ready_path)[0] == 200:
                    break
            except OSError:
                pass
            if self.process.poll() is not None or time.perf_counter() - self.began > 60:
                raise RuntimeError(f"{self.name} does not answer: see {self.log.name}")
            time.sleep(0.002)
        self.started = time.perf_counter() - self.began

    def ask(self, method, path, body=None, headers=None):
        """One request: its status and its body."""
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request(method, path, body, {"Authorization": "token " + self.token, **(headers or {})})
            r = c.getresponse()
            return r.status, r.read()
        finally:
            c.close()

    def want(self, method, path, body=None, headers=None):
        status, text = self.ask(method, path, body, headers)
        if status // 100 != 2:
            raise RuntimeError(f"{self.name}: {method} {path}: {status} {text[:300]}")
        return text

    def cpu(self):
        return cpu_of(self.pid)

    def status_mb(self, field):
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith(field)) / 1024

    def forget_peak(self):
        with open(f"/proc/{self.pid}/clear_refs", "w") as f:
            f.write("5")

    def load(self, method, path, concurrency, requests, headers=(), body=None, first=1, ids=None, each=False):
        """Sends requests and gives what the load generator measured, with the server's CPU milliseconds per request."""
        argv = [LOAD, "-method", method, "-url", f"http://127.0.0.1:{self.port}{path}", "-concurrency", str(concurrency), "-requests", str(requests)]
        for h in ("Authorization: token " + self.token, *headers):
            argv += ["-header", h]
        if ids:
            argv += ["-ids", ids]
        if each:
            argv += ["-each"]
        if body:
            argv += ["-body", body, "-first", str(first)]
        before = self.cpu()
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {done.stderr}")
        out = json.loads(done.stdout)
        out["cpu"] = (self.cpu() - before) * 1000 / requests
        out["rate"] = out["requests"] / out["seconds"]
        return out

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Sextant(Server):
    """Ours. Requests are authorised by a personal token from the database, as people's are."""

    name = "Sextant"
    ready_path = "/readyz"

    def argv(self):
        return [os.path.join(peers.ROOT, "bin", "sextant"), "serve", "--data", self.dir, "--listen", f"127.0.0.1:{self.port}", "--log-level", "warn"]

    def env(self):
        return {**os.environ, "SEXTANT_ADMIN_TOKEN": self.token}

    def own_token(self):
        text = self.want("POST", "/v1/tokens", json.dumps({"name": "bench"}), {"Content-Type": "application/json"})
        self.token = json.loads(text)["secret"]

    def folder(self, name):
        body = {"parent": "root", "type": "folder", "name": name}
        text = self.want("POST", "/v1/resources", json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(text)["id"]

    def create(self, folder, name, text):
        path = f"/v1/resources/{folder}/documents?name={urllib.parse.quote(name)}"
        return json.loads(self.want("POST", path, text))["id"]


class Jupyter(Server):
    """The stock server, with a token."""

    name = "jupyter server"
    ready_path = "/api/status"

    def argv(self):
        program = os.path.join(peers.ROOT, ".venv", "bin", "jupyter")
        root = os.path.join(self.dir, "root")
        os.makedirs(root, exist_ok=True)
        return [
            program, "server", f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={self.token}", f"--ServerApp.port={self.port}",
            "--ServerApp.ip=127.0.0.1", "--ServerApp.open_browser=False", "--ServerApp.allow_root=True", "--log-level=WARN",
        ]  # fmt: skip

    def env(self):
        return {**os.environ, "HOME": self.dir, "JUPYTER_CONFIG_DIR": self.dir, "JUPYTER_RUNTIME_DIR": self.dir}

    def write(self, name, text):
        path = os.path.join(self.dir, "root", name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
