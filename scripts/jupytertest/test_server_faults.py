"""Server, agents and kernels are killed at random while cells run: nothing that was said is lost or doubled, and nobody is left behind."""

import os
import random
import signal
import time

import psutil
import pytest
from channels import Channels, open_notebook
from servers import notebook, start_sextant, stop


def kill(peer):
    """Ends the server as a power cut would; its sessions run on."""
    peer.process.send_signal(signal.SIGKILL)
    peer.process.wait()


class Reborn:
    """A server that is killed and started again at the same place."""

    def __init__(self, data, orphan="60s"):
        self.data, self.orphan, self.peer = data, orphan, None
        self.start()

    def start(self):
        self.peer = start_sextant(self.data, environment={"SEXTANT_SESSION_ORPHAN": self.orphan})
        self.peer.get("api/contents")

    def again(self):
        kill(self.peer)
        self.start()
        return self.peer


@pytest.fixture
def reborn(tmp_path):
    s = Reborn(tmp_path / "data")
    yield s
    for x in s.peer.want(200, "GET", "v1/sessions")["items"]:
        s.peer.do("DELETE", f"v1/sessions/{x['id']}")
    stop(s.peer)


def load(peer, name):
    return peer.want(200, "GET", peer.contents(name) + "?type=notebook&content=1&hash=1")["content"]


def outputs(nb, i=0):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "") for o in nb["cells"][i]["outputs"])


def recorded(peer, name, done):
    until = time.monotonic() + 90
    while True:
        nb = load(peer, name)
        if done(nb):
            return nb
        assert time.monotonic() < until, nb["cells"]
        time.sleep(0.1)


COUNT = "import time\nfor i in range(400):\n    print(i, flush=True)\n    time.sleep(0.02)\n'end'"


def test_a_server_that_is_killed_again_and_again_records_all(reborn):
    rng = random.Random(7)
    reborn.peer.save_notebook("a.ipynb", notebook(COUNT, "40 + 2"))
    _, kernel = open_notebook(reborn.peer, reborn.peer.path("a.ipynb"), "python3")
    c = Channels(reborn.peer, kernel)
    first = c.execute(COUNT, "c0")
    c.execute("40 + 2", "c1")
    c.until(first, "stream")
    c.close()
    for _ in range(5):
        time.sleep(rng.uniform(0.1, 1.2))  # at any moment
        peer = reborn.again()
        assert kernel in [k["id"] for k in peer.want(200, "GET", "api/kernels")]
        assert [s["kernel"]["id"] for s in peer.want(200, "GET", "api/sessions")] == [kernel]
    nb = recorded(reborn.peer, "a.ipynb", lambda nb: nb["cells"][1]["outputs"])
    assert outputs(nb) == "".join(f"{i}\n" for i in range(400)) + "'end'"
    assert outputs(nb, 1) == "42" and [x["execution_count"] for x in nb["cells"]] == [1, 2]


def test_a_client_goes_on_after_the_server_was_killed(reborn):
    k = reborn.peer.want(201, "POST", "api/kernels", {"name": "sextant"})["id"]
    c = Channels(reborn.peer, k)
    c.run("CREATE TABLE t AS SELECT 41 AS n")
    peer = reborn.again()
    c = Channels(peer, k, c.session)
    assert "42" in c.run("SELECT n + 1 AS answer FROM t")
    peer.want(200, "POST", f"api/kernels/{k}/restart")
    c = Channels(peer, k, c.session)
    assert "42" in c.run("SELECT n + 1 AS answer FROM t")


def process_of(peer, kernel):
    """The kernel's process and its agent's."""
    c = Channels(peer, kernel)
    pid = int(c.run("import os; os.getpid()"))
    c.close()
    p = psutil.Process(pid)
    return p, p.parent()


def test_a_kernel_that_dies_is_told_in_its_cell_and_comes_again(reborn):
    peer = reborn.peer
    peer.save_notebook("a.ipynb", notebook("print('before'); import os, time; time.sleep(0.5); os.kill(os.getpid(), 9)", "1 + 1"))
    _, kernel = open_notebook(peer, peer.path("a.ipynb"), "python3")
    c = Channels(peer, kernel)
    died = c.finish(c.execute("print('before', flush=True); import os, time; time.sleep(0.5); os.kill(os.getpid(), 9)", "c0"))
    assert any(m["msg_type"] == "error" and "killed" in m["content"]["evalue"] for m in died)
    assert c.run("1 + 1", "c1") == "2"
    c.close()
    nb = recorded(peer, "a.ipynb", lambda nb: nb["cells"][1]["outputs"])
    assert outputs(nb).startswith("before\n") and "killed" in outputs(nb) and outputs(nb, 1) == "2"


def test_nothing_is_left_of_a_session_whose_agent_was_killed(reborn):
    peer = reborn.peer
    kernel = peer.want(201, "POST", "api/kernels", {"name": "python3"})["id"]
    p, agent = process_of(peer, kernel)
    assert "agent" in agent.cmdline()
    directory = agent.cwd()
    agent.kill()
    psutil.wait_procs([p], timeout=30)
    assert not p.is_running() or p.status() == psutil.STATUS_ZOMBIE
    until = time.monotonic() + 30
    while peer.want(200, "GET", "api/kernels") or os.path.exists(directory):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_sessions_without_a_server_end(tmp_path):
    s = Reborn(tmp_path / "data", orphan="1s")
    kernel = s.peer.want(201, "POST", "api/kernels", {"name": "python3"})["id"]
    p, agent = process_of(s.peer, kernel)
    kill(s.peer)
    gone, alive = psutil.wait_procs([agent], timeout=60)
    assert not alive and not p.is_running()
    s.start()
    assert s.peer.want(200, "GET", "api/kernels") == []
    stop(s.peer)


def test_two_hundred_sessions_at_once(reborn):
    """Each somebody's own: idle mostly, and each answers."""
    from servers import user

    peer = reborn.peer
    people = [user(peer, f"crowd-{i}@x.org") for i in range(40)]
    kernels = [(p, p.want(201, "POST", "api/kernels", {"name": "sextant"})["id"]) for p in people for _ in range(5)]
    sessions = peer.want(200, "GET", "v1/sessions?all=true")["items"]
    assert len(sessions) == 40 and sum(len(s["documents"]) for s in sessions) == 200
    for p, k in kernels[::7]:
        c = Channels(p, k)
        assert "42" in c.run("SELECT 40 + 2 AS answer")
        c.close()
    for s in sessions:
        peer.do("DELETE", f"v1/sessions/{s['id']}")
    assert peer.want(200, "GET", "v1/sessions?all=true")["items"] == []
