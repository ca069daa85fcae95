"""What several people see of the same documents, and what the stock server has no word for."""

import base64
import json
import threading

import requests

from servers import TOKEN, b64, notebook, share, start_sextant, stop, user


def test_denied_is_missing(sextant):
    ana, bo = user(sextant, "ana@deny.org"), user(sextant, "bo@deny.org")
    ana.save_text("secret.txt", "x")
    path = ana.contents("secret.txt")
    for method, body in [("GET", None), ("PUT", {"type": "file", "format": "text", "content": "y"}), ("PATCH", {"path": bo.path("y")}), ("DELETE", None)]:
        denied, missing = bo.do(method, path, body), bo.do(method, path.replace("secret", "nothing"), body)
        assert denied.status_code == missing.status_code == 404, (method, denied.text)
        assert denied.json() == json.loads(missing.text.replace("nothing", "secret"))
    assert "secret" not in bo.get("api/contents/home").text


def test_reader_cannot_save_and_is_told(sextant):
    ana, bo = user(sextant, "ana@read.org"), user(sextant, "bo@read.org")
    ana.save_notebook("n.ipynb", notebook("1"))
    share(sextant, ana, ana.path("n.ipynb"), "viewer", "bo@read.org")
    root = bo.want(200, "GET", "api/contents")
    assert [c["path"] for c in root["content"]] == ["home", "Shared with me"] and not any(c["writable"] for c in root["content"])
    listing = bo.want(200, "GET", "api/contents/Shared%20with%20me")
    assert [c["path"] for c in listing["content"]] == ["Shared with me/n.ipynb"]
    shared = "api/contents/Shared%20with%20me/n.ipynb"
    m = bo.want(200, "GET", shared)
    assert m["writable"] is False and m["content"]["cells"][0]["source"] == "1"
    r = bo.want(403, "PUT", shared, {"type": "notebook", "content": notebook("2")})
    assert "Permission denied" in r["message"] and "not change" in r["message"]
    assert bo.do("DELETE", shared).status_code == 403
    assert bo.do("POST", shared + "/checkpoints").status_code == 403
    assert bo.get(shared + "/checkpoints").status_code == 200
    # A copy in their own home is theirs.
    copy = bo.want(201, "POST", bo.contents(), {"copy_from": "Shared with me/n.ipynb"})
    assert copy["path"] == bo.path("n.ipynb") and copy["writable"]
    for method, path in [("POST", "api/contents"), ("POST", "api/contents/home"), ("POST", "api/contents/Shared%20with%20me")]:
        r = bo.want(403, method, path, {"type": "file"})
        assert "home/bo@read.org" in r["message"]


def test_home_is_made_on_first_use(sextant):
    """Whichever way somebody comes first; and looking at the root is no refusal in the audit log."""
    import urllib.parse

    member = urllib.parse.quote("user:new@home.org", safe="")
    sextant.want(204, "PUT", f"v1/principals/{member}", {"displayName": "New"})
    secret = sextant.want(201, "POST", "v1/tokens", {"principal": "user:new@home.org", "name": "test"}, headers={"Content-Type": "application/json"})["secret"]
    new = sextant.as_user(secret, "home/new@home.org")
    new.save_text("first.txt", "x")
    assert [c["name"] for c in new.want(200, "GET", new.contents())["content"]] == ["first.txt"]
    for _ in range(3):
        assert [c["path"] for c in new.want(200, "GET", "api/contents")["content"]] == ["home"]
    assert [c["path"] for c in new.want(200, "GET", "api/contents/home")["content"]] == ["home/new@home.org"]
    assert new.get("api/contents/home/somebody@else.org").status_code == 404
    log = sextant.want(200, "GET", "v1/audit?actor=user:new@home.org&denied=true&pageSize=1000")["items"]
    assert len(log) <= 2, log  # of the questions that named what is not theirs


def test_shared_folder_and_equal_names(sextant):
    ana, cy = user(sextant, "ana@many.org"), user(sextant, "cy@many.org")
    ana.want(201, "PUT", ana.contents("a"), {"type": "directory"})
    ana.want(201, "PUT", ana.contents("b"), {"type": "directory"})
    for d in "ab":
        ana.want(201, "PUT", ana.contents(f"{d}/same"), {"type": "directory"})
        ana.save_text(f"{d}/same/f.txt", d)
        share(sextant, ana, ana.path(f"{d}/same"), "editor", "cy@many.org")
    share(sextant, ana, ana.path("a/same/f.txt"), "editor", "cy@many.org")  # which the folder leads to already
    names = [c["name"] for c in cy.want(200, "GET", "api/contents/Shared%20with%20me")["content"]]
    assert names[0] == "same" and names[1].startswith("same ") and len(names) == 2
    for name, text in zip(names, "ab"):
        path = f"api/contents/Shared%20with%20me/{requests.utils.quote(name)}/f.txt"
        assert cy.want(200, "GET", path)["content"] == text
        cy.want(200, "PUT", path, {"type": "file", "format": "text", "content": text * 2})
        cy.want(201, "PUT", path.replace("f.txt", "new.txt"), {"type": "file", "format": "text", "content": "n"})
        cy.want(200, "PATCH", path, {"path": f"Shared with me/{name}/g.txt"})
    assert ana.want(200, "GET", ana.contents("b/same/g.txt"))["content"] == "bb"


def test_trust_is_each_persons_own(sextant):
    ana, bo = user(sextant, "ana@trust.org"), user(sextant, "bo@trust.org")
    risky = {"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}
    ana.save_notebook("n.ipynb", notebook("1", outputs=[risky], trusted=True))
    share(sextant, ana, ana.path("n.ipynb"), "editor", "bo@trust.org")
    shared = "api/contents/Shared%20with%20me/n.ipynb"
    trusted = lambda who, path: who.want(200, "GET", path)["content"]["cells"][0]["metadata"]["trusted"]
    assert trusted(ana, ana.contents("n.ipynb")) is True and trusted(bo, shared) is False
    # What another puts in is not run in ana's page, though the notebook was hers to begin with.
    bo.want(200, "PUT", shared, {"type": "notebook", "content": notebook("2", outputs=[risky], trusted=True)})
    assert trusted(bo, shared) is True and trusted(ana, ana.contents("n.ipynb")) is False
    assert ana.do("POST", ana.contents("n.ipynb/trust")).status_code == 201
    assert trusted(ana, ana.contents("n.ipynb")) is True


def test_readers_during_a_large_save_see_old_or_new(sextant):
    """20 MB saved over and over while others read: never half of it, never an error."""
    def version(n):
        nb = notebook(f"v{n}")
        nb["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": str(n) * (20 << 20)}]
        return json.dumps({"type": "notebook", "content": nb})

    sextant.want(201, "PUT", sextant.contents("large.ipynb"), version(0))
    bodies, done, seen, failed = [version(1), version(2)], threading.Event(), [], []

    def read():
        while not done.is_set():
            try:
                r = sextant.get(sextant.contents("large.ipynb") + "?hash=1")
                m = r.json()
                cell = m["content"]["cells"][0]
                text = cell["outputs"][0]["text"]
                n = cell["source"][1:]
                if r.status_code != 200 or text != n * (20 << 20):
                    failed.append((r.status_code, r.text[:200]))
                seen.append(m["hash"])
            except Exception as e:  # a broken answer is what this is about
                failed.append(repr(e))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for t in readers:
        t.start()
    hashes = [sextant.want(200, "PUT", sextant.contents("large.ipynb"), bodies[i % 2])["hash"] for i in range(4)]
    done.set()
    for t in readers:
        t.join()
    assert not failed, failed[:3]
    assert len(seen) >= 3 and len(set(hashes)) == 2
    # A large file of text as well.
    text = "ü\"\\\n" * (3 << 20)
    sextant.want(201, "PUT", sextant.contents("large.txt"), {"type": "file", "format": "text", "content": text})
    m = sextant.want(200, "GET", sextant.contents("large.txt"))
    assert m["format"] == "text" and m["content"] == text
    sextant.want(201, "PUT", sextant.contents("large.bin"), {"type": "file", "format": "base64", "content": b64(b"\xff" + b"x" * (9 << 20))})
    assert sextant.want(200, "GET", sextant.contents("large.bin"))["format"] == "base64"


def test_chunks_out_of_order(sextant):
    def send(chunk, data, status):
        return sextant.want(status, "PUT", sextant.contents("up.bin"), {"type": "file", "format": "base64", "content": b64(data), "chunk": chunk})

    assert "begin again with chunk 1" in send(2, b"x", 400)["message"]
    send(1, b"one", 201)
    assert sextant.get(sextant.contents("up.bin")).status_code == 404  # nothing is there before all of it is
    send(2, b"two", 201)
    send(2, b"two", 201)  # sent again, after an answer that was lost
    assert "3 was expected" in send(5, b"x", 400)["message"]
    send(1, b"other", 201)  # from the start
    send(-1, b"end", 201)
    assert base64.b64decode(sextant.want(200, "GET", sextant.contents("up.bin") + "?format=base64")["content"]) == b"otherend"
    send(-1, b"x", 400)
    assert "chunk -2" in send(-2, b"x", 400)["message"]
    revisions = sextant.want(200, "GET", "v1/resources/" + sextant.want(200, "GET", "v1/resolve?path=/" + sextant.path("up.bin"))["id"] + "/revisions")
    assert len(revisions["items"]) == 1
    reader = user(sextant, "reader@chunks.org")
    assert reader.do("PUT", sextant.contents("up.bin"), {"type": "file", "format": "base64", "content": "", "chunk": 1}).status_code == 404


def test_many_checkpoints_keep_the_newest(sextant):
    sextant.save_text("points.txt", "0")
    for n in range(1, 14):
        sextant.want(200, "PUT", sextant.contents("points.txt"), {"type": "file", "format": "text", "content": str(n)})
        sextant.want(201, "POST", sextant.contents("points.txt/checkpoints"))
    found = sextant.want(200, "GET", sextant.contents("points.txt/checkpoints"))
    assert len(found) == 10 and [c["last_modified"] for c in found] == sorted(c["last_modified"] for c in found)
    again = sextant.want(201, "POST", sextant.contents("points.txt/checkpoints"))
    assert again["id"] == found[-1]["id"]
    assert sextant.do("POST", sextant.contents(f"points.txt/checkpoints/{found[0]['id']}")).status_code == 204
    assert sextant.want(200, "GET", sextant.contents("points.txt"))["content"] == "4"


def test_root_folder_and_hidden_files(tmp_path):
    server = start_sextant(tmp_path / "data", base="/a@b ü/", jupyter_root="/home/{user}", hidden_files=True)
    try:
        server.home = ""
        assert server.want(200, "GET", "api/contents")["content"] == []
        server.save_text("a.txt", "x")
        server.save_text(".hidden", "h")
        r = server.do("POST", "api/contents", {"type": "notebook"})
        assert r.status_code == 201 and r.headers["Location"] == "/a@b%20%C3%BC/api/contents/Untitled.ipynb"
        assert sorted(c["name"] for c in server.want(200, "GET", "api/contents")["content"]) == [".hidden", "Untitled.ipynb", "a.txt"]
        assert server.want(200, "GET", "v1/resolve?path=/home/admin@localhost/a.txt")["name"] == "a.txt"
        assert server.get("api/contents/..%2fx").status_code == 404
        ana = user(server, "ana@x.org").as_user
        other = user(server, "ana@x.org")
        other.home = ""
        assert other.want(200, "GET", "api/contents")["content"] == []
        page = server.get("lab")
        config = json.loads(page.text.split('type="application/json">', 1)[1].split("</script>", 1)[0])
        assert config["baseUrl"] == "/a@b%20%C3%BC/" and config["preferredPath"] == "/" and config["allow_hidden_files"] is True
        # The way the address is written does not matter to programs; browsers are led to the one that cookies are for.
        assert requests.get(server.url.replace("@", "%40") + "api").status_code == 200
        r = requests.get(server.url.replace("@", "%40") + "lab", headers={"Accept": "text/html"}, allow_redirects=False)
        assert r.status_code == 302 and r.headers["Location"] == "/a@b%20%C3%BC/lab"
    finally:
        stop(server)


def test_shutdown_is_for_administrators(tmp_path):
    server = start_sextant(tmp_path / "data")
    try:
        ana = user(server, "ana@x.org")
        assert "administrator" in ana.want(403, "POST", "api/shutdown")["message"]
        assert server.do("POST", "api/shutdown").status_code == 200
        assert server.process.wait(20) == 0
    finally:
        if server.process.poll() is None:
            stop(server)


def test_tokens_cookies_and_xsrf(sextant):
    """A page that was opened by a token goes on by cookies, which do nothing without the page's own secret."""
    assert requests.get(sextant.url + "lab", allow_redirects=False).headers["Location"] == "/signin?next=%2Flab"
    assert requests.get(sextant.url + "api/contents").status_code == 403
    r = requests.get(sextant.url + "api/contents", headers={"Authorization": "token wrong"})
    assert r.status_code == 403 and "token" in r.json()["message"]
    assert requests.get(sextant.url + "lab/tree/x?token=wrong", allow_redirects=False).headers["Location"] == "/signin?next=%2Flab%2Ftree%2Fx"
    http = requests.Session()
    r = http.get(sextant.url + "lab?token=" + TOKEN, allow_redirects=False)
    assert r.status_code == 200 and r.headers["Cache-Control"] == "no-store" and "_xsrf" in http.cookies
    session = [c for c in r.raw.headers.getlist("Set-Cookie") if c.startswith("sextant-session")][0]
    assert "HttpOnly" in session and "SameSite=Lax" in session and "Max-Age" not in session
    assert http.get(sextant.url + "api/me").json()["identity"]["username"] == "admin@localhost"
    r = http.post(sextant.url + "api/contents/" + sextant.home, data="{}")
    assert r.status_code == 403 and "_xsrf" in r.json()["message"]
    assert http.post(sextant.url + "api/contents/" + sextant.home, data="{}", headers={"X-XSRFToken": "wrong"}).status_code == 403
    right = {"X-XSRFToken": http.cookies["_xsrf"]}
    assert http.post(sextant.url + "api/contents/" + sextant.home, data="{}", headers=right).status_code == 201
    assert http.post(sextant.url + "api/contents/" + sextant.home, data="{}", headers={**right, "Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}).status_code == 403
    # A token's limits go with it into the cookie, and it ends with the token.
    limited = sextant.want(201, "POST", "v1/tokens", {"name": "reader", "permissions": ["resources.get", "resources.list", "documents.read"]}, headers={"Content-Type": "application/json"})
    http = requests.Session()
    http.get(sextant.url + "lab?token=" + limited["secret"])
    right = {"X-XSRFToken": http.cookies["_xsrf"]}
    assert http.get(sextant.url + "api/contents/" + sextant.home).status_code == 200
    assert http.post(sextant.url + "api/contents/" + sextant.home, data="{}", headers=right).status_code == 403
    token = limited.get("token", limited)["id"]
    sextant.want(204, "DELETE", f"v1/tokens/{token}")
    assert http.get(sextant.url + "api/contents/" + sextant.home).status_code == 403
    # Another site's page cannot sign somebody in as whom it likes.
    http = requests.Session()
    http.get(sextant.url + "lab?token=" + TOKEN, headers={"Sec-Fetch-Site": "cross-site"})
    assert http.get(sextant.url + "api/me").status_code == 403
