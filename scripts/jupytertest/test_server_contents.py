"""The contents API: what a client sees of Sextant is what it sees of the stock server."""

import base64
import hashlib
import json
import re

import pytest
import requests

from servers import b64, notebook

DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,6}(Z|\+00:00)$")
KEYS = {"name", "path", "last_modified", "created", "content", "format", "mimetype", "size", "writable", "hash", "hash_algorithm", "type"}


def same_shape(m, **want):
    assert set(m) == KEYS, set(m) ^ KEYS
    assert DATE.match(m["last_modified"]) and DATE.match(m["created"]), m
    for key, value in want.items():
        assert m[key] == value, (key, m[key], value)


def test_folder(folder):
    folder.save_text("a.txt", "x")
    folder.save_notebook("n.ipynb", notebook("1"))
    folder.want(201, "PUT", folder.contents("sub"), {"type": "directory"})
    m = folder.want(200, "GET", folder.contents())
    same_shape(m, type="directory", format="json", size=None, mimetype=None, path=folder.home, writable=True)
    by_name = {c["name"]: c for c in m["content"]}
    assert sorted(by_name) == ["a.txt", "n.ipynb", "sub"]
    same_shape(by_name["a.txt"], type="file", content=None, format=None, size=1, mimetype="text/plain", path=folder.path("a.txt"))
    same_shape(by_name["n.ipynb"], type="notebook", content=None, format=None)
    same_shape(by_name["sub"], type="directory", content=None, format=None, size=None)
    same_shape(folder.want(200, "GET", folder.contents() + "?content=0"), type="directory", content=None, format=None)


def test_file(folder):
    text = 'quotes " and \\ \n\ttabs, ünïcode \u2028 and \x7f'
    made = folder.save_text("a.txt", text)
    same_shape(made, type="file", content=None, format=None, path=folder.path("a.txt"), size=len(text.encode()))
    same_shape(folder.want(200, "GET", folder.contents("a.txt")), type="file", format="text", content=text, mimetype="text/plain")
    same_shape(folder.want(200, "GET", folder.contents("a.txt") + "?format=base64"), format="base64")
    m = folder.want(200, "GET", folder.contents("a.txt") + "?hash=1&content=0&1700000000000")
    same_shape(m, hash=hashlib.sha256(text.encode()).hexdigest(), hash_algorithm="sha256")
    saved = folder.want(200, "PUT", folder.contents("a.txt"), {"type": "file", "format": "text", "content": "again"})
    read = folder.want(200, "GET", folder.contents("a.txt"))
    assert read["content"] == "again" and (saved["size"], saved["last_modified"]) == (read["size"], read["last_modified"]) == (5, read["last_modified"])
    assert saved["last_modified"] > made["last_modified"] and saved["created"] is not None


def test_binary_file(folder):
    data = bytes(range(256)) * 10
    folder.want(201, "PUT", folder.contents("a.bin"), {"type": "file", "format": "base64", "content": b64(data)})
    m = folder.want(200, "GET", folder.contents("a.bin"))
    same_shape(m, format="base64", mimetype="application/octet-stream", size=len(data))
    assert base64.b64decode(m["content"]) == data
    r = folder.want(400, "GET", folder.contents("a.bin") + "?format=text")
    assert r["reason"] == "bad format" and "not UTF-8" in r["message"]


def test_notebook(folder):
    nb = notebook("print(1)\nprint(2)")
    folder.save_notebook("n.ipynb", nb)
    m = folder.want(200, "GET", folder.contents("n.ipynb") + "?type=notebook&content=1&hash=1&contentProviderId=undefined")
    same_shape(m, type="notebook", format="json", mimetype=None)
    cell = m["content"]["cells"][0]
    assert cell["source"] == "print(1)\nprint(2)" and cell["id"] == "c0" and cell["metadata"] == {"trusted": True}
    raw = folder.get("files/" + folder.path("n.ipynb"), headers={"Referer": folder.url}).content
    assert hashlib.sha256(raw).hexdigest() == m["hash"]
    # What is on disk is what nbformat writes, on both.
    assert raw.decode() == json.dumps(json.loads(raw), indent=1, sort_keys=True, ensure_ascii=False, separators=(",", ": ")) + "\n"
    assert json.loads(raw)["cells"][0]["source"] == ["print(1)\n", "print(2)"] and b"trusted" not in raw


def test_invalid_notebook_is_saved_with_a_message(folder):
    nb = notebook("1")
    nb["cells"][0]["metadata"]["tags"] = "no list"
    m = folder.save_notebook("n.ipynb", nb)
    assert m["message"].startswith("Notebook validation failed: ")
    m = folder.want(200, "GET", folder.contents("n.ipynb"))
    assert m["message"].startswith("Notebook validation failed: ") and m["content"]["cells"][0]["metadata"]["tags"] == "no list"


def test_unreadable_notebook(folder):
    folder.save_text("n.ipynb", "no json")
    r = folder.want(400, "GET", folder.contents("n.ipynb"))
    assert "Unreadable Notebook" in r["message"]
    assert folder.want(200, "GET", folder.contents("n.ipynb") + "?type=file")["content"] == "no json"


@pytest.mark.parametrize("query,status,reason", [
    ("?format=nonsense", 400, None), ("?content=2", 400, None), ("?hash=x", 400, None), ("?type=directory", 400, "bad type"), ("?type=nonsense", 200, None),
])
def test_bad_questions(folder, query, status, reason):
    folder.save_text("a.txt", "x")
    r = folder.want(status, "GET", folder.contents("a.txt") + query)
    assert r.get("reason") == reason
    if query == "?type=directory":
        assert folder.want(400, "GET", folder.contents() + "?type=file")["reason"] == "bad type"
        assert folder.want(400, "GET", folder.contents() + "?type=notebook")["reason"] == "bad type"


def test_missing(folder):
    for method, path, body in [("GET", "x.txt", None), ("PATCH", "x.txt", {"path": folder.path("y.txt")}), ("DELETE", "x.txt", None), ("POST", "x", {"type": "file"}),
                               ("GET", ".hidden", None)]:
        r = folder.do(method, folder.contents(path), body)
        assert r.status_code == 404, (method, path, r.status_code, r.text)


@pytest.mark.parametrize("body,names", [
    ({"type": "notebook"}, ["Untitled.ipynb", "Untitled1.ipynb"]), ({"type": "directory"}, ["Untitled Folder", "Untitled Folder 1"]),
    ({"type": "file", "ext": ".txt"}, ["untitled.txt", "untitled1.txt"]), ({"type": "file"}, ["untitled", "untitled1"]), ({}, ["untitled"]),
    ({"ext": ".tar.gz"}, ["untitled.tar.gz", "untitled1.tar.gz"]), ({"ext": ".ipynb"}, ["Untitled.ipynb"]), (None, ["untitled"]),
])
def test_untitled(folder, body, names):
    for name in names:
        r = folder.do("POST", folder.contents(), body)
        assert r.status_code == 201, r.text
        m = r.json()
        same_shape(m, name=name, path=folder.path(name), content=None)
        assert requests.utils.unquote(r.headers["Location"]).endswith("/api/contents/" + folder.path(name)), r.headers["Location"]
    if body == {"type": "notebook"}:
        nb = folder.want(200, "GET", folder.contents("Untitled.ipynb"))["content"]
        assert nb == {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_copy(folder):
    folder.save_notebook("a b.ipynb", notebook("1"))
    folder.save_text("x.tar.gz", "x")
    folder.want(201, "PUT", folder.contents("sub"), {"type": "directory"})
    for source, to, name in [("a b.ipynb", "", "a b-Copy1.ipynb"), ("a b.ipynb", "", "a b-Copy2.ipynb"), ("a b-Copy1.ipynb", "", "a b-Copy3.ipynb"),
                             ("a b.ipynb", "sub", "a b.ipynb"), ("x.tar.gz", "", "x-Copy1.tar.gz")]:
        m = folder.want(201, "POST", folder.contents(to), {"copy_from": folder.path(source)})
        assert m["name"] == name, (source, m["name"])
    assert folder.do("POST", folder.contents("a b.ipynb"), {"type": "file"}).status_code == 400
    assert folder.do("PUT", folder.contents("y.ipynb"), {"copy_from": folder.path("a b.ipynb"), "type": "notebook"}).status_code == 400
    assert folder.do("POST", folder.contents(), {"copy_from": folder.path("missing")}).status_code == 404


def test_rename(folder):
    folder.save_text("a.txt", "x")
    folder.save_text("b.txt", "y")
    folder.want(201, "PUT", folder.contents("sub"), {"type": "directory"})
    r = folder.do("PATCH", folder.contents("a.txt"), {"path": folder.path("ü %.txt")})
    assert r.status_code == 200 and "Location" in r.headers
    same_shape(r.json(), name="ü %.txt", content=None)
    assert folder.want(409, "PATCH", folder.contents("ü %.txt"), {"path": folder.path("b.txt")})["message"].startswith("File already exists")
    folder.want(200, "PATCH", folder.contents("ü %.txt"), {"path": folder.path("sub/c.txt")})
    assert folder.want(200, "GET", folder.contents("sub/c.txt"))["content"] == "x"
    folder.want(200, "PATCH", folder.contents("sub"), {"path": folder.path("dir")})
    assert folder.want(200, "GET", folder.contents("dir/c.txt"))["content"] == "x"
    assert folder.do("PATCH", folder.contents("b.txt")).status_code == 400
    assert folder.do("PATCH", folder.contents("b.txt"), "{nonsense").status_code == 400
    assert folder.do("PATCH", folder.contents("b.txt"), {"path": folder.path(".hidden")}).status_code == 400
    same_shape(folder.want(200, "PATCH", folder.contents("b.txt"), {"path": folder.path("b.txt")}), name="b.txt")


def test_delete(folder):
    folder.save_text("a.txt", "x")
    folder.want(201, "PUT", folder.contents("sub"), {"type": "directory"})
    folder.save_text("sub/b.txt", "x")
    for name in ["a.txt", "sub"]:
        r = folder.do("DELETE", folder.contents(name))
        assert r.status_code == 204 and not r.content, r.text
        assert folder.get(folder.contents(name)).status_code == 404
    assert folder.do("DELETE", "api/contents").status_code == 400
    assert folder.do("DELETE", folder.contents(".x")).status_code == 400


@pytest.mark.parametrize("path,body,status", [
    ("a.txt", {"type": "file", "content": "x"}, 400), ("a.txt", {"type": "file", "format": "base64", "content": "abc"}, 400),
    ("a.txt", {"type": "file", "format": "text", "content": "x", "chunk": 1, "copy_from": "b"}, 400), (".hidden", {"type": "file", "format": "text", "content": "x"}, 400),
    ("sub/.hidden/x", {"type": "directory"}, 400), ("n.ipynb", {"type": "notebook", "content": notebook(), "chunk": 1}, 400), ("x", "{nonsense", 400),
    ("new", {}, 201), ("new.ipynb", {"type": "notebook"}, 201), ("new.txt", {"type": "nonsense", "format": "text", "content": "x"}, 201),
])
def test_saves(folder, path, body, status):
    if body == {}:
        status = 201 if folder.name == "sextant" else 404  # the stock server takes it for no body at all
    r = folder.do("PUT", folder.contents(path), body)
    assert r.status_code == status, r.text
    if status == 400:
        assert folder.get(folder.contents(path)).status_code in (400, 404)


def test_save_what_exists_without_a_type(folder):
    folder.save_text("a.txt", "x")
    assert folder.do("PUT", folder.contents("a.txt"), {"format": "text", "content": "y"}).status_code == 400
    assert folder.do("PUT", folder.contents("a.txt"), {"type": "file", "format": "text"}).status_code == 400
    assert folder.do("PUT", folder.contents("a.txt"), {"type": "directory"}).status_code == 400


@pytest.mark.parametrize("sizes", [[10], [1 << 20, 1 << 20, 17], [1 << 20, 0]])
def test_chunks(folder, sizes):
    data = [bytes((i * 7 + n) % 256 for i in range(size)) for n, size in enumerate(sizes)]
    for n, part in enumerate(data, 1):
        chunk = -1 if n == len(data) and n > 1 else n
        r = folder.do("PUT", folder.contents("a.bin"), {"type": "file", "format": "base64", "name": "a.bin", "content": b64(part), "chunk": chunk})
        assert r.status_code in (200, 201), r.text
        assert set(r.json()) == KEYS and r.json()["path"] == folder.path("a.bin") and r.json()["type"] == "file"
    if len(data) == 1:
        r = folder.do("PUT", folder.contents("a.bin"), {"type": "file", "format": "base64", "content": "", "chunk": -1})
        assert r.status_code in (200, 201), r.text
    m = folder.want(200, "GET", folder.contents("a.bin") + "?format=base64")
    assert base64.b64decode(m["content"]) == b"".join(data)


def test_checkpoints(folder):
    folder.save_text("a.txt", "one")
    r = folder.do("POST", folder.contents("a.txt/checkpoints"))
    assert r.status_code == 201 and "Location" in r.headers
    made = r.json()
    assert set(made) == {"id", "last_modified"} and DATE.match(made["last_modified"])
    assert [c["id"] for c in folder.want(200, "GET", folder.contents("a.txt/checkpoints"))] == [made["id"]]
    assert folder.do("PUT", folder.contents("a.txt"), {"type": "file", "format": "text", "content": "two"}).status_code == 200
    r = folder.do("POST", folder.contents(f"a.txt/checkpoints/{made['id']}"))
    assert r.status_code == 204
    assert folder.want(200, "GET", folder.contents("a.txt"))["content"] == "one"
    assert folder.do("DELETE", folder.contents(f"a.txt/checkpoints/{made['id']}")).status_code == 204
    assert folder.do("DELETE", folder.contents(f"a.txt/checkpoints/{made['id']}")).status_code == 404
    assert folder.want(200, "GET", folder.contents("a.txt/checkpoints")) == []


def test_raw_files(folder):
    folder.save_text("a b.html", "<script>alert(1)</script>")
    folder.save_notebook("n.ipynb", notebook())
    here = {"Referer": folder.url}
    r = folder.get("files/" + folder.path("a b.html"), headers=here)
    assert r.status_code == 200 and r.text == "<script>alert(1)</script>" and r.headers["Content-Type"].startswith("text/html")
    assert "sandbox allow-scripts" in r.headers["Content-Security-Policy"] and r.headers["X-Content-Type-Options"] == "nosniff"
    r = folder.get("files/" + folder.path("a b.html") + "?download=1", headers=here)
    assert r.headers["Content-Disposition"].startswith("attachment")
    r = folder.get("files/" + folder.path("a b.html"), headers={**here, "Range": "bytes=1-6"})
    assert r.status_code == 206 and r.text == "script"
    r = folder.do("HEAD", "files/" + folder.path("a b.html"), headers=here)
    assert r.status_code == 200 and not r.content
    assert folder.get("files/" + folder.path("n.ipynb"), headers=here).headers["Content-Type"].startswith("application/x-ipynb+json")
    for missing in ["x.txt", ".hidden"]:
        assert folder.get("files/" + folder.path(missing), headers=here).status_code == 404


def test_trust(folder):
    risky = {"output_type": "display_data", "data": {"text/html": "<script>"}, "metadata": {}}
    trusted = lambda name: [c["metadata"].get("trusted") for c in folder.want(200, "GET", folder.contents(name))["content"]["cells"]]
    folder.save_notebook("n.ipynb", notebook("1", outputs=[risky]))
    assert trusted("n.ipynb") == [False]
    folder.save_notebook("n.ipynb", notebook("1", outputs=[risky], trusted=True), status=200)
    assert trusted("n.ipynb") == [True]
    folder.save_notebook("m.ipynb", notebook("2", outputs=[{"output_type": "stream", "name": "stdout", "text": "x"}]))
    assert trusted("m.ipynb") == [True]
    folder.save_notebook("o.ipynb", notebook("3", outputs=[risky]))
    assert folder.do("POST", folder.contents("o.ipynb/trust")).status_code == 201
    assert trusted("o.ipynb") == [True]


def test_export(folder):
    nb = notebook("x = 1")
    nb["cells"].insert(0, {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "# Title"})
    nb["metadata"] = {"language_info": {"name": "python", "file_extension": ".py", "nbconvert_exporter": "python"}, "kernelspec": {"name": "python3", "display_name": "Python"}}
    folder.save_notebook("n.ipynb", nb)
    forms = folder.want(200, "GET", "api/nbconvert")
    assert {"html", "script", "markdown", "notebook"} <= set(forms) and all(set(f) == {"output_mimetype"} for f in forms.values())
    here = {"Referer": folder.url}
    for form, expected, ext in [("script", ["# # Title", "x = 1"], ".py"), ("markdown", ["# Title", "```python\nx = 1\n```"], ".md"), ("notebook", ['"x = 1"'], ".ipynb"), ("html", ["<!DOCTYPE html>", "<title>", "Title"], ".html")]:
        r = folder.get(f"nbconvert/{form}/" + folder.path("n.ipynb") + "?download=true", headers=here)
        assert r.status_code == 200, r.text
        assert ext in r.headers["Content-Disposition"] and "sandbox allow-scripts" in r.headers["Content-Security-Policy"]
        for text in expected:
            assert text in r.text, r.text
        r = folder.do("POST", f"nbconvert/{form}", {"name": "n.ipynb", "content": nb})
        assert r.status_code == 200 and expected[-1] in r.text
    assert folder.get("nbconvert/nonsense/" + folder.path("n.ipynb"), headers=here).status_code in (404, 500)
