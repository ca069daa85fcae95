"""Kernels, sessions and their websockets, as the stock server's clients use them; most tests ask both servers the same."""

import os
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
import websocket
from servers import TOKEN, Peer, answers, free_port, notebook, user
from channels import V1, Channels, open_notebook, text

HERE = os.path.dirname(os.path.abspath(__file__))


@pytest.fixture
def kernel(peer):
    """A Python kernel of its own."""
    k = peer.want(201, "POST", "api/kernels", {"name": "python3"})
    yield k["id"]
    peer.do("DELETE", f"api/kernels/{k['id']}")


def test_kernels_are_started_listed_and_ended(peer):
    r = peer.do("POST", "api/kernels", {"name": "python3"})
    assert r.status_code == 201
    k = r.json()
    assert r.headers["Location"].endswith(f"/api/kernels/{k['id']}")
    assert {"id", "name", "last_activity", "execution_state", "connections"} <= set(k) and k["name"] == "python3"
    assert len(k["last_activity"].split(".")[1]) == 7 and k["last_activity"].endswith("Z")
    assert k["id"] in [x["id"] for x in peer.want(200, "GET", "api/kernels")]
    assert peer.want(200, "GET", f"api/kernels/{k['id']}")["id"] == k["id"]
    Channels(peer, k["id"]).run("1")
    assert peer.do("POST", f"api/kernels/{k['id']}/interrupt").status_code == 204
    again = peer.want(200, "POST", f"api/kernels/{k['id']}/restart")
    assert again["id"] == k["id"]
    assert peer.do("DELETE", f"api/kernels/{k['id']}").status_code == 204
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/interrupt"), ("POST", "/restart")):
        r = peer.do(method, f"api/kernels/{k['id']}{path}")
        if path == "/restart" and peer.name == "stock":  # it says 500 there
            continue
        assert r.status_code == 404 and r.json()["message"] == f"Kernel does not exist: {k['id']}", (method, path, r.text)


def test_requests_that_make_no_sense(peer):
    r = peer.do("POST", "api/sessions", {"path": "x.ipynb", "type": "notebook", "kernel": {"name": "nothing-of-the-kind"}})
    assert r.status_code == 501 and "not available" in r.json()["message"]
    assert peer.do("POST", "api/sessions", {"type": "notebook"}).status_code == 400
    assert peer.do("POST", "api/sessions", {"path": "x"}).status_code == 400
    assert peer.do("GET", f"api/sessions/{uuid.uuid4()}").status_code == 404
    assert peer.do("DELETE", f"api/sessions/{uuid.uuid4()}").status_code == 404
    assert peer.do("GET", "api/kernels", token=False).status_code == 403


def test_sessions_follow_their_notebook(peer, folder):
    folder.save_notebook("a.ipynb", notebook("1"))
    path = folder.path("a.ipynb")
    s, kernel = open_notebook(peer, path, "python3")
    assert s["path"] == path and s["type"] == "notebook" and s["notebook"]["path"] == path
    again, same = open_notebook(peer, path, "python3")
    assert (again["id"], same) == (s["id"], kernel)
    moved = peer.want(200, "PATCH", f"api/sessions/{s['id']}", {"path": folder.path("b.ipynb"), "name": "b.ipynb"})
    assert moved["path"] == folder.path("b.ipynb") and moved["name"] == "b.ipynb" and moved["kernel"]["id"] == kernel
    other = peer.want(200, "PATCH", f"api/sessions/{s['id']}", {"kernel": {"name": "python3"}})
    assert other["kernel"]["id"] != kernel
    assert peer.do("GET", f"api/kernels/{kernel}").status_code == 404
    assert peer.do("PATCH", f"api/sessions/{s['id']}", {"kernel": {"id": str(uuid.uuid4())}}).status_code == 400
    console = peer.want(201, "POST", "api/sessions", {"path": folder.path("console-1"), "name": "", "type": "console", "kernel": {"id": other["kernel"]["id"]}})
    assert console["kernel"]["id"] == other["kernel"]["id"]
    assert {s["id"], console["id"]} <= {x["id"] for x in peer.want(200, "GET", "api/sessions")}
    assert peer.do("DELETE", f"api/sessions/{console['id']}").status_code == 204
    peer.do("DELETE", f"api/sessions/{s['id']}")


def test_a_rename_is_not_taken_back(sextant):
    """JupyterLab sends a session's new path and new name as two requests at once, after it has renamed the document, and
    goes where the answer to either says: in whatever order they come, both say the new one."""
    peer = user(sextant, "renames@kernels.org")
    peer.want(201, "PUT", peer.contents("d"), {"type": "directory"})
    peer.save_notebook("d/0.ipynb", notebook("1"))
    s, kernel = open_notebook(peer, peer.path("d/0.ipynb"), "python3")
    url = f"api/sessions/{s['id']}"
    peer.want(200, "PATCH", url, {"name": "0.ipynb"})
    with ThreadPoolExecutor(2) as two:
        for i in range(1, 20):
            peer.want(200, "PATCH", peer.contents(f"d/{i - 1}.ipynb"), {"path": peer.path(f"d/{i}.ipynb")})
            new = {"path": peer.path(f"d/{i}.ipynb"), "name": f"{i}.ipynb"}
            said = two.map(lambda k: peer.want(200, "PATCH", url, {k: new[k]}), ("name", "path"))
            assert [{k: a[k] for k in new} for a in said] == [new, new]
    peer.want(200, "PATCH", peer.contents("d"), {"path": peer.path("e")})
    assert peer.want(200, "GET", url)["path"] == peer.path("e/19.ipynb")
    peer.do("DELETE", url)


@pytest.mark.parametrize("protocol", [V1, None])
def test_cells_run(peer, kernel, protocol):
    c = Channels(peer, kernel, protocol=protocol)
    got = c.finish(c.execute("print('x'); 1 + 1"))
    assert text(got) == "x\n2"
    assert [m["msg_type"] for m in got if m["channel"] == "iopub"] == ["status", "execute_input", "stream", "execute_result", "status"]
    info = c.finish(c.send("kernel_info_request", {}))
    assert any(m["content"].get("language_info", {}).get("name") == "python" for m in info)
    assert c.run("1/0").startswith("ZeroDivisionError")


def test_input_reaches_who_asked(peer, kernel):
    a, b = Channels(peer, kernel), Channels(peer, kernel)
    request = a.execute("input('who? ')", allow_stdin=True)
    m = a.until(request, "input_request")
    assert m["channel"] == "stdin" and m["content"]["prompt"] == "who? "
    a.send("input_reply", {"value": "ana"}, channel="stdin", parent=m["header"])
    assert text(a.finish(request)) == "'ana'"
    assert "ana" in text([b.until(request, "execute_result")])


def test_buffers_travel_both_ways(peer, kernel):
    c = Channels(peer, kernel)
    code = "from comm import create_comm\nc = create_comm('x', data={})\nc.send({'n': 1}, buffers=[b'abc', bytes(300000)])"
    got = c.finish(c.execute(code))
    m = next(m for m in got if m["msg_type"] == "comm_msg")
    assert [len(b) for b in m["buffers"]] == [3, 300000] and m["buffers"][0] == b"abc"


def test_interrupt(peer, kernel):
    c = Channels(peer, kernel)
    request = c.execute("print('on', flush=True)\nimport time\ntime.sleep(1000)")
    c.until(request, "stream")
    assert peer.do("POST", f"api/kernels/{kernel}/interrupt", {}).status_code == 204
    assert text(c.finish(request)).startswith("KeyboardInterrupt")
    assert c.run("'alive'") == "'alive'"


def test_restart_keeps_the_id_and_forgets_the_rest(peer, kernel):
    c = Channels(peer, kernel)
    c.run("x = 1")
    peer.want(200, "POST", f"api/kernels/{kernel}/restart", {})
    c.close()
    c = Channels(peer, kernel, c.session)
    assert c.run("x").startswith("NameError")


def test_all_clients_hear_and_a_foreign_origin_is_refused(peer, kernel):
    a, b = Channels(peer, kernel), Channels(peer, kernel)
    request = a.execute("'heard'")
    assert "heard" in text([b.until(request, "execute_result")])
    url = peer.url.replace("http", "ws", 1) + f"api/kernels/{kernel}/channels"
    # What a browser adds by itself opens nothing to the page of another site.
    page = requests.Session()
    page.get(peer.url + "lab?token=" + TOKEN, timeout=30)
    cookie = "; ".join(f"{c.name}={c.value}" for c in page.cookies)
    websocket.create_connection(url, cookie=cookie, origin=peer.url.rstrip("/")).close()
    with pytest.raises(websocket.WebSocketBadStatusException) as e:
        websocket.create_connection(url, cookie=cookie, origin="http://evil.example")
    assert e.value.status_code == 403
    with pytest.raises(websocket.WebSocketBadStatusException) as e:
        websocket.create_connection(url, suppress_origin=True)
    assert e.value.status_code == 403
    with pytest.raises(websocket.WebSocketBadStatusException) as e:
        websocket.create_connection(url.replace(kernel, str(uuid.uuid4())), header=["Authorization: token " + TOKEN], suppress_origin=True)
    assert e.value.status_code == 404


# What only this server does.


def test_a_client_that_was_cut_off_gets_what_it_missed_once_and_in_order(sextant):
    k = sextant.want(201, "POST", "api/kernels", {"name": "python3"})["id"]
    c = Channels(sextant, k)
    c.run("import time")
    request = c.execute("for i in range(400):\n    print(i, flush=True)\n    time.sleep(0.005)")
    seen = []
    for _ in range(6):
        enough = min(len(seen) + 50, 400)
        pinged = False
        while len(seen) < enough or not pinged:
            # A pong, which the library sends, proves what has come before its ping; after it the connection is gone.
            m = c.receive(pings=True)
            pinged = m is None
            if m and m["parent_header"].get("msg_id") == request and m["msg_type"] == "stream":
                seen += [int(n) for n in m["content"]["text"].split()]
        c.drop()
        c = Channels(sextant, k, c.session)
    while not seen or seen[-1] != 399:
        m = c.receive()
        if m["parent_header"].get("msg_id") == request and m["msg_type"] == "stream":
            seen += [int(n) for n in m["content"]["text"].split()]
    assert seen == list(range(400)), [n for n in range(400) if seen.count(n) != 1]
    sextant.do("DELETE", f"api/kernels/{k}")


def test_nothing_is_dropped_however_much_is_printed(sextant):
    k = sextant.want(201, "POST", "api/kernels", {"name": "python3"})["id"]
    c = Channels(sextant, k)
    got = c.finish(c.execute("from IPython.display import display\nfor i in range(5000): display(i)\n'x' * 10_000_000"))
    assert sum(m["msg_type"] == "display_data" for m in got) == 5000
    assert any(len(m["content"].get("data", {}).get("text/plain", "")) >= 10_000_000 for m in got if m["msg_type"] == "execute_result")
    sextant.do("DELETE", f"api/kernels/{k}")


def test_notebooks_of_one_user_share_a_database(sextant):
    for name in ("s1.ipynb", "s2.ipynb"):
        sextant.save_notebook(name, notebook("SELECT 1"), status=201)
    (s1, k1), (s2, k2) = (open_notebook(sextant, sextant.path(n)) for n in ("s1.ipynb", "s2.ipynb"))
    assert k1 != k2
    a, b = Channels(sextant, k1), Channels(sextant, k2, protocol=None)
    a.run("CREATE OR REPLACE TABLE shared AS SELECT 42 AS answer")
    assert "42" in b.run("FROM shared")
    info = a.finish(a.send("kernel_info_request", {}))
    features = [m["content"].get("supported_features", []) for m in info if m["msg_type"] == "kernel_info_reply"]
    assert features and "kernel subshells" not in features[0]
    # What one asks, the other does not hear.
    request = a.execute("SELECT 'only here'")
    a.finish(request)
    other = b.execute("SELECT 2")
    assert all(m["parent_header"].get("msg_id") in (other, None) for m in b.finish(other))
    # The table is still there in the next session.
    for k in (k1, k2):
        sextant.do("DELETE", f"api/kernels/{k}")


def test_others_do_not_see_ones_kernels(sextant):
    from servers import user

    ana = user(sextant, "kernels-ana@x.org")
    k = ana.want(201, "POST", "api/kernels", {"name": "sextant"})["id"]
    assert k not in [x["id"] for x in sextant.want(200, "GET", "api/kernels")]
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/interrupt"), ("POST", "/restart"), ("GET", "/channels")):
        assert sextant.do(method, f"api/kernels/{k}{path}", {} if method == "POST" else None).status_code == 404
    assert ana.do("DELETE", f"api/kernels/{k}").status_code == 204


def test_fifty_clients_one_of_which_never_reads(sextant):
    k = sextant.want(201, "POST", "api/kernels", {"name": "python3"})["id"]
    deaf = Channels(sextant, k)
    clients = [Channels(sextant, k) for _ in range(49)]
    request = clients[0].execute("for i in range(300): print('x' * 100_000, flush=True)")
    sizes, threads = [0] * 49, []

    def read(i):
        while True:
            m = clients[i].receive()
            if m["parent_header"].get("msg_id") != request:
                continue
            if m["msg_type"] == "stream":
                sizes[i] += len(m["content"]["text"])
            if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
                return

    for i in range(49):
        threads.append(threading.Thread(target=read, args=(i,)))
        threads[-1].start()
    for t in threads:
        t.join(120)
    assert set(sizes) == {300 * 100_001}
    deaf.close()
    sextant.do("DELETE", f"api/kernels/{k}")


def test_a_stock_jupyter_elsewhere_runs_its_kernels_here(sextant, tmp_path):
    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("SEXTANT", "JUPYTER"))}
    env.update(HOME=str(tmp_path))
    (tmp_path / "n.ipynb").write_text('{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}')
    with open(tmp_path / "log", "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--IdentityProvider.token=" + TOKEN,
             f"--ServerApp.root_dir={tmp_path}", "--ServerApp.allow_root=True", f"--gateway-url={sextant.url}", f"--GatewayClient.auth_token={sextant.token}"],
            env=env, stdout=log, stderr=log,
        )
    try:
        url = f"http://127.0.0.1:{port}/"
        answers(url + "api", process)
        laptop = Peer(url, TOKEN, name="laptop")
        laptop.want(200, "GET", "api/kernelspecs")  # it learns the default from the first answer, and gives it with the second
        specs = laptop.want(200, "GET", "api/kernelspecs")
        assert {"sextant", "python3"} <= set(specs["kernelspecs"]) and specs["default"] == "sextant"
        logo = next(iter(specs["kernelspecs"]["sextant"]["resources"].values()))
        assert requests.get(url.rstrip("/") + logo, headers={"Authorization": "token " + TOKEN}, timeout=30).status_code == 200
        s, k = open_notebook(laptop, "n.ipynb")
        c = Channels(laptop, k, protocol=None)
        assert "42" in c.run("SELECT 40 + 2 AS answer")
        assert k in [x["id"] for x in sextant.want(200, "GET", "api/kernels")]
        laptop.want(200, "POST", f"api/kernels/{k}/restart", {})
        c.close()
        c = Channels(laptop, k, protocol=None)
        request = c.execute("SELECT count(*) FROM range(1000000000000) a, range(1000) b")
        c.until(request, "execute_input")
        assert laptop.do("POST", f"api/kernels/{k}/interrupt", {}).status_code == 204
        assert "nterrupt" in text(c.finish(request))
        c.close()
        assert laptop.do("DELETE", f"api/sessions/{s['id']}").status_code == 204
        until = time.monotonic() + 30
        while k in [x["id"] for x in sextant.want(200, "GET", "api/kernels")]:
            assert time.monotonic() < until
    finally:
        process.terminate()
        process.wait(30)
