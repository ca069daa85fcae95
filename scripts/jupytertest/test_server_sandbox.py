"""What a session may not reach: hostile code in the Python and in the SQL kernel."""

import os
import signal
import subprocess
import tempfile

import pytest
from servers import notebook, start_sextant, stop, user
from channels import Channels, open_notebook

LINUX = pytest.mark.skipif(not os.path.exists("/sys/kernel/security") and os.uname().sysname != "Linux", reason="the sandbox is Linux's")
pytestmark = LINUX


@pytest.fixture(scope="module", params=["", "200000-200999"], ids=["one-uid", "own-uids"])
def server(request, tmp_path_factory):
    """With sessions as the server's user, and, as root, each under a uid of its own."""
    options = {}
    if request.param:
        if os.geteuid() != 0:
            pytest.skip("needs root")
        options["session_uids"] = request.param
        options["scratch_dir"] = tempfile.mkdtemp(prefix="sextant-scratch-")  # one that others can pass through
        os.chmod(options["scratch_dir"], 0o711)
    peer = start_sextant(tmp_path_factory.mktemp("sandbox") / "data", environment={"SOME_SECRET": "of-the-server"}, **options)
    peer.get("api/contents")
    peer.uids = bool(request.param)
    yield peer
    stop(peer)


def kernel_of(peer, name):
    return Channels(peer, peer.want(201, "POST", "api/kernels", {"name": name})["id"])


def usable(python):
    """Whether another user can run the tests' Python at all: not where it is in root's home."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True, user=200000, group=200000, extra_groups=[]).returncode == 0
    except PermissionError:
        return False


def test_python_reaches_nothing_of_others(server):
    import sys

    if server.uids and not usable(sys.executable):
        pytest.skip("this Python is its owner's alone")
    ana, bob = user(server, "sandbox-ana@x.org"), user(server, "sandbox-bob@x.org")
    a, b = kernel_of(ana, "python3"), kernel_of(bob, "python3")
    a.run("secret = open('secret.txt', 'w').write('ana only')")
    where = a.run("import os; print(os.getcwd(), os.getpid(), os.getppid(), end='')").split()
    pid, agent = int(where[1]), int(where[2])
    session = os.path.dirname(where[0])
    server_pid = server.process.pid
    args = open(f"/proc/{server_pid}/cmdline").read().split("\0")
    data = args[args.index("--data") + 1]
    denied = {
        f"open({where[0]!r} + '/secret.txt').read()",
        f"os.listdir({session!r})",
        f"open({session!r} + '/agent.json').read()",
        f"os.listdir({data!r})",
        f"open({data!r} + '/sextant.db', 'rb').read(1)",
        f"open('/proc/{server_pid}/environ', 'rb').read()",
        f"open('/proc/{pid}/environ', 'rb').read()",
        f"open('/proc/{pid}/mem', 'rb').read(1)",
        "open('/etc/shadow').read()",
        "os.listdir('/root')",
        "open('/usr/x', 'w')",
        f"os.kill({pid}, 0)",
        f"os.kill({agent}, 9)",
        f"os.kill({server_pid}, 0)",
        "os.kill(os.getppid(), 15)",
        "open(os.path.dirname(os.getcwd()) + '/agent.json').read()",
        "open(os.path.dirname(os.getcwd()) + '/journal/x', 'w')",
        "os.unshare(os.CLONE_NEWUSER)" if hasattr(os, "unshare") else "open('/etc/shadow').read()",
        "__import__('ctypes').CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) == 0 or 1/0",
        "__import__('socket').socket(__import__('socket').AF_PACKET, 3)",
        "os.setuid(0) or os.listdir('/root')",
    }
    b.run("import os")
    for code in sorted(denied):
        said = b.run(code)
        assert any(e in said for e in ("PermissionError", "FileNotFoundError", "ProcessLookupError", "ZeroDivisionError", "OSError")), (code, said)
    # The server's own environment is not the kernel's.
    assert "of-the-server" not in b.run("print(dict(os.environ))") and "SEXTANT_ADMIN_TOKEN" not in b.run("print(dict(os.environ))")
    assert b.run("1 + 1") == "2" and a.run("open('secret.txt').read()") == "'ana only'"
    # An agent's socket takes nobody without its token.
    said = b.run(f"import socket; s = socket.socket(socket.AF_UNIX); s.connect({session!r} + '/agent.sock'); s.send(b'\\0\\0\\0\\x13\\x01' + b'{{\"token\":\"guess\"}}'); s.settimeout(10); s.recv(10)")
    assert "PermissionError" in said or said == "b''" or "ConnectionResetError" in said, said
    # What works in an ordinary kernel works here.
    assert b.run("import subprocess; subprocess.run(['echo', 'hi'], capture_output=True).stdout") == "b'hi\\n'"
    assert b.run("import tempfile; f = tempfile.TemporaryFile(); f.write(b'x')") == "1"
    assert b.run("import multiprocessing as mp; mp.Lock().acquire()") == "True"
    assert b.run("import threading; t = threading.Thread(target=lambda: None); t.start(); t.join(); 'ok'") == "'ok'"


def test_sql_reaches_nothing_of_others(server):
    ana, bob = user(server, "sandbox-sql-ana@x.org"), user(server, "sandbox-sql-bob@x.org")
    a, b = kernel_of(ana, "sextant"), kernel_of(bob, "sextant")
    a.run("CREATE TABLE private AS SELECT 'ana only' AS secret")
    for code in ("FROM private", "FROM read_text('/etc/passwd')", "FROM glob('/root/*')", "COPY (SELECT 1) TO '/tmp/x.csv'", "ATTACH '/etc/passwd'",
                 "INSTALL httpfs", "LOAD httpfs", "SET enable_external_access = true", "FROM read_csv('http://127.0.0.1/x.csv')",
                 "FROM read_text('../agent.json')", "FROM read_text('../../*/agent.json')"):
        said = b.run(code)
        assert "Exception" in said or "Error" in said, (code, said)
    assert "ana only" in a.run("FROM private")


def test_sessions_are_honest_about_their_sandbox(server):
    k = kernel_of(server, "sextant")
    k.run("SELECT 1")
    session = next(s for s in server.want(200, "GET", "v1/sessions")["items"] if s["kernel"] == "sextant")
    layers = server.want(200, "GET", f"v1/sessions/{session['id']}")["sandbox"]
    text = " ".join(layers)
    assert "files: Landlock" in text and "no network" in text and ("uid 2000" in text) == server.uids, layers


def test_python_works_without_network(tmp_path):
    peer = start_sextant(tmp_path / "data", no_session_network=True)
    k = kernel_of(peer, "python3")
    assert k.run("1 + 1") == "2"
    said = k.run(f"import socket; socket.create_connection(('127.0.0.1', {peer.url.rsplit(':', 1)[1].strip('/')}))")
    assert "Error" in said, said
    stop(peer)
