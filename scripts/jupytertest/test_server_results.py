"""Stored results: kept with the cell, read without a session by who may read the document, and by nobody else."""

import base64
import csv
import importlib.util
import io
import json
import os
import re
import subprocess
import threading
import time
import zipfile

import duckdb
import psutil
import pyarrow
import pyarrow.parquet
import pytest
import requests
from playwright.sync_api import expect

from channels import Channels, open_notebook
from servers import ROOT, notebook, share, user
from test_server_browser import browser, pytestmark  # noqa: F401: fixtures
from test_server_jobs import finish, run
from test_server_pages import SHOTS, Visit, barriers

ROWS = 250_000
SQL = f'''SELECT i AS n, 'it' || chr(39) || 's ' || (i % 7) AS word, DATE '2020-01-01' + (i % 1000)::INTEGER AS day, i / 4 AS half,
    CASE WHEN i % 5 = 0 THEN NULL ELSE '=cmd|' || i END AS "odd ""name""", [i, i + 1] AS list, i::HUGEINT * 100000000000000000000 AS huge, 'x' AS n
    FROM range({ROWS}) t(i)'''


@pytest.fixture(scope="module")
def reader(sextant):
    return user(sextant, "reader@results.org")


@pytest.fixture(scope="module")
def kept(sextant, reader):
    """A result of a notebook's cell that ran in Jupyter, and the notebook."""
    sextant.save_notebook("results.ipynb", notebook(SQL, "SELECT 1 WHERE false"))
    path = sextant.path("results.ipynb")
    _, kernel = open_notebook(sextant, path, "sextant")
    page = Channels(sextant, kernel)
    shown = page.finish(page.execute(SQL, "c0"))
    page.finish(page.execute("SELECT 1 WHERE false", "c1"))
    page.close()
    document = share(sextant, sextant, path, "viewer", "reader@results.org")
    until = time.monotonic() + 30
    while True:  # what a cell gave is recorded a moment later
        nb = sextant.want(200, "GET", sextant.contents("results.ipynb") + "?type=notebook&content=1")["content"]
        if all(c["outputs"] for c in nb["cells"]):
            break
        assert time.monotonic() < until
        time.sleep(0.05)
    stored = [c["outputs"][0]["metadata"]["sextant"]["result"] for c in nb["cells"]]
    live = [m["content"]["data"]["text/html"] for m in shown if m["msg_type"] == "execute_result"]
    return {"document": document, "id": stored[0]["id"], "empty": stored[1]["id"], "stored": stored[0], "live": live[0], "nb": nb}


def rows(peer, result, status=200, **query):
    return peer.want(status, "GET", f"v1/results/{result}/rows?" + "&".join(f"{k}={w}" for k, v in query.items() for w in (v if isinstance(v, list) else [v])))


def test_a_cell_keeps_all_that_it_gave(sextant, kept):
    assert kept["stored"]["rows"] == ROWS and kept["stored"]["complete"] and "path" not in kept["stored"] and "ref" not in kept["stored"]
    assert f"{sextant.url}r/{kept['id']}" in kept["live"]  # JupyterLab's user finds it too
    assert f"{sextant.url}r/{kept['id']}" in "".join(kept["nb"]["cells"][0]["outputs"][0]["data"]["text/html"])
    known = sextant.want(200, "GET", f"v1/results/{kept['id']}")
    assert known["rows"] == ROWS and known["document"] == kept["document"] and known["cell"] == "c0"
    assert [c["name"] for c in known["columns"]] == ["n", "word", "day", "half", 'odd "name"', "list", "huge", "n"]
    assert {r["id"] for r in sextant.want(200, "GET", f"v1/resources/{kept['document']}/results")["items"]} == {kept["id"], kept["empty"]}


def arrow(peer, path, status=200, **kw):
    answer = peer.get(path, **kw)
    assert answer.status_code == status, answer.text[:300]
    return (pyarrow.ipc.open_stream(answer.content).read_all() if status == 200 else None), answer


def test_arrow_pages_are_the_same_rows(reader, kept):
    for query in ("", "where=0.gt.100&sort=-0", "q=cmd&limit=256", "group=2.year&measure=count&measure=mean.3"):
        want = reader.want(200, "GET", f"v1/results/{kept['id']}/rows?offset=3&{query}")
        table, answer = arrow(reader, f"v1/results/{kept['id']}/arrow?offset=3&{query}")
        assert answer.headers["Content-Type"] == "application/vnd.apache.arrow.stream" and int(answer.headers["Sextant-Total-Rows"]) == want["total"]
        assert table.column_names == [c["name"] for c in want["columns"]]
        got = [[None if v.as_py() is None else str(v.as_py()) for v in column] for column in table.columns]
        assert [list(row) for row in zip(*got)] == want["rows"]
    table, _ = arrow(reader, f"v1/results/{kept['id']}/arrow?limit=2")
    assert [str(t) for t in table.schema.types] == ["int64", "string", "string", "string", "string", "string", "string", "string"]
    path = f"v1/results/{kept['id']}/arrow?where=0.gt.5&limit=10"
    assert "Sextant-Total-Rows" not in arrow(reader, path + "&count=false")[1].headers
    etag = arrow(reader, path)[1].headers["ETag"]
    arrow(reader, path, 304, headers={"If-None-Match": etag})
    arrow(reader, path + "1", headers={"If-None-Match": etag})
    arrow(reader, f"v1/results/{kept['id']}/arrow?where=0.gt.abc", 422)
    for bad in ("limit=-1", "offset=x", "where=99.null", "group=0.x'"):
        arrow(reader, f"v1/results/{kept['id']}/arrow?{bad}", 400)
    assert len(arrow(reader, f"v1/results/{kept['empty']}/arrow")[0]) == 0


def test_arrow_downloads_in_the_engines_types(reader, kept):
    table, answer = arrow(reader, f"v1/results/{kept['id']}/download?format=arrow")
    assert len(table) == ROWS and ".arrows" in answer.headers["Content-Disposition"]
    assert [str(t) for t in table.schema.types][:6] == ["int64", "string", "date32[day]", "double", "string", "list<l: int64>"]
    assert table.column_names == ["n", "word", "day", "half", 'odd "name"', "list", "huge", "n"]
    assert table.column(0)[ROWS - 1].as_py() == ROWS - 1 and table.column(5)[7].as_py() == [7, 8]
    some, _ = arrow(reader, f"v1/results/{kept['id']}/download?format=arrow&where=0.lt.10&sort=-0")
    assert some.column(0).to_pylist() == list(range(9, -1, -1))


def test_rows_without_a_session(reader, kept):
    before = reader.want(200, "GET", "v1/sessions")["items"]
    page = rows(reader, kept["id"], limit=2, offset=ROWS - 1)
    assert page["total"] == ROWS and len(page["rows"]) == 1
    assert page["rows"][0] == ["249999", "it's 1", "2022-09-26", "62499.75", "=cmd|249999", "[249999, 250000]", "24999900000000000000000000", "x"]
    assert rows(reader, kept["id"], limit=1)["rows"][0][4] is None
    assert rows(reader, kept["id"], where="0.eq.7")["rows"][0][1] == "it's 0"
    assert rows(reader, kept["id"], where=["0.gt.10", "0.le.12"])["total"] == 2
    assert rows(reader, kept["id"], where=["1.eq.it's 3", "%2Bit's 4", "4.null"], limit=1)["total"] == 14286
    assert rows(reader, kept["id"], q="CMD|24999")["total"] == 9
    assert rows(reader, kept["id"], sort="-6", limit=1)["rows"][0][0] == "249999"
    by = rows(reader, kept["id"], group=["2.year"], measure=["count", "max.0"], sort="-1")
    assert [c["name"] for c in by["columns"]] == ["day by year", "rows", "max of n"] and by["total"] == 3 and sum(int(r[1]) for r in by["rows"]) == ROWS
    assert rows(reader, kept["empty"])["rows"] == [] and rows(reader, kept["empty"])["total"] == 0
    assert "abc" in rows(reader, kept["id"], 422, where="0.gt.abc")["detail"]
    for bad in ("where=99.null", "where=0.drop.x", "sort=x", "group=0.x'", "measure=f(", "measure=sum"):
        reader.want(400, "GET", f"v1/results/{kept['id']}/rows?{bad}")
    assert reader.want(200, "GET", "v1/sessions")["items"] == before == []


def test_pivot(reader, kept, tmp_path):
    page = rows(reader, kept["id"], group=["1"], pivot="2.year", measure=["count", "mean.3"], sort="0")
    assert [c["name"] for c in page["columns"]] == ["word"] + [f"{y} · {m}" for y in ("2020", "2021", "2022", "all") for m in ("rows", "mean of half")]
    assert page["total"] == 7 and len(page["rows"]) == 7 and "pivotCut" not in page
    by = rows(reader, kept["id"], group=["1", "2.year"], measure=["count", "mean.3"], sort=["0", "1"])["rows"]
    for i, row in enumerate(page["rows"]):
        assert row[0] == f"it's {i}" and row[1:7] == [v for b in by[3 * i:3 * i + 3] for v in b[2:]]
        assert row[7] == rows(reader, kept["id"], where=f"1.eq.it's {i}", measure="count")["rows"][0][0]
    # Without groups it is one row; NULL is a value; of too many values the most frequent are columns, in their order.
    flags = rows(reader, kept["id"], where="0.lt.10", pivot="4", measure="count")
    assert [c["name"] for c in flags["columns"]][-3:] == ["=cmd|9", "NULL", "all"] and flags["rows"][0][-2:] == ["2", "10"]
    many = rows(reader, kept["id"], where=["0.lt.1100"], pivot="2", measure="count")
    assert many["pivotCut"] and len(many["columns"]) == 201
    assert many["columns"][0]["name"] == "2020-01-01" and many["columns"][99]["name"] == "2020-04-09"  # the first hundred days are there twice
    for bad in ("pivot=1", "pivot=x&measure=count", "pivot=99&measure=count", "pivot=1.hour'&measure=count", "pivot=1&measure=count&sort=99"):
        reader.want(400, "GET", f"v1/results/{kept['id']}/rows?{bad}")
    saved = reader.get(f"v1/results/{kept['id']}/download?format=csv&group=1&pivot=2.year&measure=count&sort=0").text
    assert saved.splitlines()[0] == "word,2020,2021,2022,all" and len(saved.splitlines()) == 8


def test_columns_are_summarised(reader, kept):
    def summary(column, **query):
        return reader.want(200, "GET", f"v1/results/{kept['id']}/columns/{column}?" + "&".join(f"{k}={v}" for k, v in query.items()))

    def check(s, column, **query):
        """Each bar leads to as many rows as it says, and together they are all."""
        bars = s["bars"] or s["top"]
        for bar in bars[:3] + bars[-2:]:
            where = [w.replace("+", "%2B") for w in bar["where"]] + [v for k, v in query.items() if k == "where"]
            assert rows(reader, kept["id"], where=where, limit=1)["total"] == bar["rows"], bar
        return sum(b["rows"] for b in bars)

    n = summary(0)
    assert (n["rows"], n["nulls"], n["min"], n["max"], n["mean"]) == (ROWS, 0, "0", "249999", 124999.5) and abs(n["distinct"] - ROWS) < ROWS / 4
    assert len(n["bars"]) <= 30 and check(n, 0) == ROWS and n["bars"][1]["label"] == "10000"
    word = summary(1)
    assert word["bars"] == [] and [t["label"] for t in word["top"]] == [f"it's {i}" for i in range(7)] and check(word, 1) == ROWS
    day = summary(2)
    assert (day["min"], day["max"]) == ("2020-01-01", "2022-09-26") and day["bars"][0]["label"] == "2020-01" and check(day, 2) == ROWS
    half = summary(3, where="0.lt.1001")
    assert half["max"] == "250.0" and half["rows"] == 1001 and check(half, 3, where="0.lt.1001") == 1001
    flag = summary(4)
    assert flag["nulls"] == ROWS // 5 and flag["top"][0] == {"label": "", "null": True, "rows": ROWS // 5, "where": ["4.null"]}
    assert summary(6)["bars"] and summary(5)["bars"] == []
    nothing = reader.want(200, "GET", f"v1/results/{kept['empty']}/columns/0")
    assert nothing["rows"] == 0 and nothing["bars"] == nothing["top"] == []
    for bad, status in (("99", 400), ("x", 422), ("0?where=0.lt.abc", 422), ("0?where=99.null", 400)):
        reader.want(status, "GET", f"v1/results/{kept['id']}/columns/{bad}")


def test_snapshots(sextant, reader, kept):
    json_type = {"Content-Type": "application/json"}
    path = f"v1/results/{kept['id']}/snapshots"
    made = reader.want(201, "POST", path, {"name": "Large ones", "query": "where=0.gt.100&sort=-0&nonsense=1"}, headers=json_type)
    assert made["query"] == "sort=-0&where=0.gt.100" and made["principal"] == "user:reader@results.org"
    assert [s["id"] for s in sextant.want(200, "GET", path)["items"]] == [made["id"]] == [s["id"] for s in reader.want(200, "GET", "v1/me/snapshots")["items"]]
    for bad in ({"name": ""}, {"name": "x", "query": "where=x"}, {"name": "x", "query": "%zz"}):
        assert reader.do("POST", path, bad, headers=json_type).status_code in (400, 422)
    stranger = user(sextant, "stranger@snapshots.org")
    stranger.want(404, "GET", path)
    stranger.want(404, "POST", path, {"name": "x"}, headers=json_type)
    stranger.want(404, "DELETE", f"v1/snapshots/{made['id']}")
    # The same by the command line.
    command = lambda *args: subprocess.run([os.path.join(ROOT, "bin", "sextant"), "result", *args], capture_output=True, text=True, timeout=60, env={**os.environ, "SEXTANT_SERVER": reader.url, "SEXTANT_TOKEN": reader.token})
    kept_as = command("snapshot", kept["id"], "Of one", "--where", "1.eq.it's 3", "--sort=-0").stdout.strip()
    assert {line.split()[0] for line in command("snapshots", kept["id"]).stdout.splitlines()} == {made["id"], kept_as} == {line.split()[0] for line in command("snapshots").stdout.splitlines()}
    rows = list(csv.reader(io.StringIO(command("get", kept["id"], "--snapshot", "Of one").stdout)))
    assert len(rows) == 35_715 and rows[1][1] == "it's 3" and int(rows[1][0]) > int(rows[2][0])
    assert "no snapshot" in command("get", kept["id"], "--snapshot", "Of none").stderr and "beside it" in command("get", kept["id"], "--snapshot", "Of one", "--search", "x").stderr
    assert command("delete-snapshot", kept_as).returncode == 0 and len(reader.want(200, "GET", path)["items"]) == 1
    # Who may not change the document deletes their own alone.
    other = sextant.want(201, "POST", path, {"name": "All"}, headers=json_type)
    reader.want(403, "DELETE", f"v1/snapshots/{other['id']}")
    reader.want(204, "DELETE", f"v1/snapshots/{made['id']}")
    sextant.want(204, "DELETE", f"v1/snapshots/{other['id']}")
    assert sextant.want(200, "GET", path)["items"] == []


@pytest.fixture(scope="module")
def customer(sextant, kept):
    """What one customer is shown of the result within another site: rows of one word, three of the columns."""
    json_type = {"Content-Type": "application/json"}
    link = sextant.want(201, "POST", f"v1/resources/{kept['document']}/share-links", {"origins": ["https://portal.x.org"]}, headers=json_type)["id"]

    def token(status=201, **fields):
        return sextant.want(status, "POST", f"v1/share-links/{link}/embed-tokens", {"result": kept["id"], "where": ["1.eq.it's 3"], "columns": [2, 0, 3], **fields}, headers=json_type)

    return {"link": link, "token": token, "path": token()["path"]}


def get(peer, path, **kw):
    return peer.get(path, token=False, headers={"Accept": "text/html"}, **kw)


def test_an_embed_shows_what_its_token_says_alone(sextant, kept, customer):
    there = customer["path"]
    page = get(sextant, there)
    assert page.status_code == 200 and "frame-ancestors 'self' https://portal.x.org" in page.headers["Content-Security-Policy"] and "X-Frame-Options" not in page.headers
    assert "1–100 of 35,714" in page.text and ">day" in page.text and ">half" in page.text
    for hidden in ("word", "odd", "huge", "250,000", "reader@results.org", "admin@localhost", "results.ipynb", "Snapshots"):
        assert hidden not in page.text, hidden

    def download(query="", status=200):
        answer = get(sextant, there.replace("?", "/download?") + "&format=csv" + query)
        assert answer.status_code == status, answer.text
        return list(csv.reader(io.StringIO(answer.text))) if status == 200 else answer.text

    def inside(table):
        assert table[0] == ["day", "n", "half"] and all(int(row[1]) % 7 == 3 for row in table[1:])
        return len(table) - 1

    assert inside(download()) == 35_714
    # Whatever is asked for is asked within.
    assert inside(download("&where=1.lt.100")) == 14
    assert inside(download("&where=1.ge.0&q=24&sort=-1")) > 0
    assert download("&group=0.year&measure=count&measure=max.1")[0] == ["day by year", "rows", "max of n"]
    assert sum(int(row[1]) for row in download("&group=0.year&measure=count")[1:]) == 35_714
    assert download("&pivot=0.year&measure=count")[1][-1] == "35714"
    assert download("&q=it%27s") == [["day", "n", "half"]]  # a column that is not seen is not searched
    for bad in ("&where=3.null", "&where=7.eq.x", "&group=3&measure=count", "&measure=sum.6", "&sort=3", "&pivot=5&measure=count"):
        assert "query" in download(bad, 400)
    for format in ("parquet", "arrow", "xlsx", "json", "ndjson"):
        answer = get(sextant, there.replace("?", "/download?") + "&format=" + format)
        assert answer.status_code == 200
        if format == "parquet":
            assert pyarrow.parquet.read_table(io.BytesIO(answer.content)).num_rows == 35_714
        if format == "arrow":
            assert pyarrow.ipc.open_stream(answer.content).read_all().column_names == ["day", "n", "half"]
    # The rest of the API is not opened by it.
    token = there.split("t=")[1]
    for path in (f"v1/results/{kept['id']}/rows?t={token}", f"r/{kept['id']}?t={token}", f"v1/results/{kept['id']}/download?t={token}"):
        assert get(sextant, path, allow_redirects=False).status_code in (302, 303, 401, 404)


def test_an_embed_of_a_result_ends(sextant, kept, customer):
    def opens(path):
        a, b = get(sextant, path), get(sextant, path.replace("?", "/download?"))
        assert (a.status_code == 200) == (b.status_code == 200)
        assert a.status_code == 200 or ("cannot be shown" in a.text and "day" not in a.text.replace("day,", "") or a.status_code == 404)
        return a.status_code == 200

    there = customer["path"]
    said, mac = there.split("t=")[1].split(".")
    wider = base64.urlsafe_b64encode(re.sub(rb'"w":\[[^]]*\],', b"", base64.urlsafe_b64decode(said + "=="))).decode().rstrip("=")
    assert opens(there)
    for forged in (f"{wider}.{mac}", f"{said}.{mac[:-2]}xx", said, "", ".", f"{said}.{mac}.x"):
        assert not opens(there.split("t=")[0] + "t=" + forged), forged
    assert not opens(there.replace(kept["id"], kept["empty"]))
    document = there.replace(f"embed/r/{kept['id']}", f"embed/n/{kept['document']}")
    assert get(sextant, document).status_code == 404  # a result's token is none of the document's
    for bad in ({"where": ["99.null"]}, {"columns": [8]}, {"columns": [1, 1]}, {"where": ["1.eq"]}, {"result": "", "where": ["0.null"]}):
        customer["token"](400, **bad)
    customer["token"](404, result="019ad000-0000-7000-8000-000000000000")
    short = customer["token"](seconds=1)["path"]
    until = time.monotonic() + 10
    while get(sextant, short).status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert not opens(short)
    sextant.want(204, "DELETE", f"v1/share-links/{customer['link']}")
    assert not opens(there)


def test_a_link_to_some_rows(sextant, kept):
    def link(status=201, **shows):
        return sextant.want(status, "POST", f"v1/resources/{kept['document']}/share-links", json={"shows": {"result": kept["id"], **shows}})

    made = link(where=["0.lt.10"], columns=[2, 0])
    page = get(sextant, made["path"])
    assert page.status_code == 200 and "it&#39;s" not in page.text and ">day<" in page.text and "no-store" in page.headers["Cache-Control"], page.text
    lines = list(csv.reader(io.StringIO(get(sextant, made["path"] + "/download?format=csv&where=1.ge.3").text)))
    assert lines[0] == ["day", "n"] and [row[1] for row in lines[1:]] == [str(i) for i in range(3, 10)]
    rows = get(sextant, made["path"] + "/arrow?limit=100&sort=-1")
    assert pyarrow.ipc.open_stream(rows.content).read_all().column(1).to_pylist() == list(range(9, -1, -1))
    # A password stands before all of it, and what the address asks for is kept.
    closed = sextant.want(201, "POST", f"v1/resources/{kept['document']}/share-links", json={"shows": {"result": kept["id"], "where": ["0.lt.10"]}, "password": "open sesame"})["path"]
    assert "it&#39;s" not in get(sextant, closed + "?q=x").text and [get(sextant, closed + path).status_code for path in ("/arrow", "/download")] == [404, 404]
    guest = requests.Session()
    assert guest.post(sextant.url + closed + "?sort=-0", data={"password": "wrong"}).status_code == 403
    opened = guest.post(sextant.url + closed + "?sort=-0", data={"password": "open sesame"})
    assert opened.url.endswith("?sort=-0") and "it&#39;s" in opened.text and guest.get(sextant.url + closed + "/download?format=csv").text.count("\n") == 11
    # It opens nothing else, and the document's links open no results.
    assert get(sextant, made["path"] + "/rich/0").status_code == 404
    plain = sextant.want(201, "POST", f"v1/resources/{kept['document']}/share-links", json={})
    assert get(sextant, plain["path"] + "/arrow").status_code == 404
    for bad in ({"where": ["99.null"]}, {"columns": [8]}, {"columns": [1, 1]}, {"where": ["1.eq"]}):
        link(400, **bad)
    link(400, where=["0.has." + "x" * 9000, "0.has." + "y" * 9000])
    link(404, result="019ad000-0000-7000-8000-000000000000")
    sextant.want(204, "DELETE", f"v1/share-links/{made['id']}")
    for path in ("", "/download", "/arrow"):
        answer = get(sextant, made["path"] + path)
        assert answer.status_code == 404 and "day" not in answer.text.replace("today", "")


def test_downloads(reader, kept, tmp_path):
    def get(f, query=""):
        r = reader.do("GET", f"v1/results/{kept['id']}/download?format={f}&{query}")
        assert r.status_code == 200, r.text
        assert "attachment" in r.headers["Content-Disposition"]
        return r.content

    whole = list(csv.reader(io.StringIO(get("csv").decode())))
    assert whole[0] == ["n", "word", "day", "half", 'odd "name"', "list", "huge", "n_1"] and len(whole) == ROWS + 1 and whole[2][4] == "=cmd|1"
    excel = get("csv-excel", "where=0.lt.10&sort=-0")
    assert excel.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(excel.decode("utf-8-sig"))))
    assert [line[0] for line in lines[1:]] == [str(i) for i in range(9, -1, -1)] and lines[1][4] == "'=cmd|9"
    assert pyarrow.parquet.read_table(io.BytesIO(get("parquet"))).num_rows == ROWS
    some = pyarrow.parquet.read_table(io.BytesIO(get("parquet", "where=0.lt.10")))
    assert some.num_rows == 10 and some.column("list")[3].as_py() == [3, 4]
    assert json.loads(get("json", "where=0.eq.3"))[0]["word"] == "it's 3"
    assert [json.loads(line)["n"] for line in get("ndjson", "where=0.lt.3").splitlines()] == [0, 1, 2]
    sheet = get("xlsx", "where=0.lt.10")
    assert zipfile.ZipFile(io.BytesIO(sheet)).testzip() is None
    (tmp_path / "a.xlsx").write_bytes(sheet)
    db = duckdb.connect()
    load_excel(db)
    assert db.execute(f"SELECT count(*) FROM read_xlsx('{tmp_path}/a.xlsx', all_varchar = true)").fetchone() == (10,)
    assert list(csv.reader(io.StringIO(get("csv", "group=1&measure=count&sort=0").decode())))[1] == ["it's 0", "35715"]
    reader.want(400, "GET", f"v1/results/{kept['id']}/download?format=exe")
    head = reader.do("HEAD", f"v1/results/{kept['id']}/download?format=csv")
    assert head.status_code == 200 and head.headers["Content-Type"].startswith("text/csv") and not head.content


def test_long_values_come_in_smaller_pages(sextant):
    """A page that would have more than 16 MB has fewer rows, and says how many there are in all."""
    _, nb = finish(sextant, run(sextant, statement="SELECT i, repeat('x', 9000) AS a, repeat('y', 20000) AS b FROM range(3000) t(i)"))
    long = nb["cells"][-1]["outputs"][0]["metadata"]["sextant"]["result"]["id"]
    for query in ({}, {"where": "0.ge.0"}):
        page = rows(sextant, long, limit=3000, **query)
        assert 100 < len(page["rows"]) < 3000 and page["total"] == 3000 and page["cut"] == len(page["rows"])
        after = rows(sextant, long, limit=1, offset=len(page["rows"]), **query)
        assert after["rows"][0][0] == str(len(page["rows"]))


def load_excel(db):
    """Loads the extension of pip."""
    folder = os.path.dirname(importlib.util.find_spec("duckdb_extension_excel").origin)
    found = [os.path.join(r, f) for r, _, files in os.walk(folder) for f in files if f.endswith(".duckdb_extension")]
    db.execute(f"LOAD '{found[0]}'")


def test_who_may_read(sextant, reader, kept):
    stranger = user(sextant, "stranger@results.org")
    addresses = [f"v1/results/{kept['id']}", f"v1/results/{kept['id']}/rows", f"v1/results/{kept['id']}/download", f"r/{kept['id']}", f"r/{kept['id']}/download"]
    for path in addresses:
        assert reader.do("GET", path, headers={"Accept": "text/html"}).status_code == 200, path
        stranger.want(404, "GET", path)
        assert stranger.do("GET", path, token=False, headers={"Accept": "application/json"}).status_code in (401, 404), path
    job, _ = finish(sextant, run(sextant, statement="SELECT 42 AS secret"))
    _, nb = finish(sextant, job)
    own = nb["cells"][-1]["outputs"][0]["metadata"]["sextant"]["result"]["id"]
    assert rows(sextant, own)["rows"] == [["42"]]
    rows(reader, own, 404)  # a job's is its principal's alone
    assert [r["id"] for r in sextant.want(200, "GET", f"v1/jobs/{job['id']}/results")["items"]] == [own]
    # Saved as a document, what it gave is for the document's readers.
    made = sextant.want(303, "POST", f"jobs/{job['id']}/save").headers["Location"].rsplit("/", 1)[1]
    policy = sextant.want(200, "GET", f"v1/resources/{made}/iam-policy")
    sextant.want(200, "PUT", f"v1/resources/{made}/iam-policy", {"etag": policy["etag"], "bindings": [{"role": "viewer", "members": ["user:reader@results.org"]}]})
    (link,) = set(re.findall("/r/([0-9a-f-]{36})", reader.want(200, "GET", "n/" + made, headers={"Accept": "text/html"}).text))
    assert link != own and rows(reader, link)["rows"] == [["42"]]
    # Rights that are taken away are gone at once, also for what was read a moment ago.
    policy = sextant.want(200, "GET", f"v1/resources/{kept['document']}/iam-policy")
    sextant.want(200, "PUT", f"v1/resources/{kept['document']}/iam-policy", {"etag": policy["etag"], "bindings": []})
    for path in addresses:
        reader.want(404, "GET", path)
    policy = sextant.want(200, "GET", f"v1/resources/{kept['document']}/iam-policy")
    sextant.want(200, "PUT", f"v1/resources/{kept['document']}/iam-policy", {"etag": policy["etag"], "bindings": [{"role": "viewer", "members": ["user:reader@results.org"]}]})
    assert rows(reader, kept["id"], limit=1)["total"] == ROWS
    sextant.want(204, "DELETE", f"v1/jobs/{job['id']}")
    rows(sextant, own, 404)


def test_a_copy_has_its_results(sextant, reader, kept):
    stranger = user(sextant, "friend@results.org")
    copied = reader.want(303, "POST", f"n/{kept['document']}/copy").headers["Location"].rsplit("/", 1)[1]
    (own,) = {r["id"] for r in reader.want(200, "GET", f"v1/resources/{copied}/results")["items"] if r["copyOf"] == kept["id"]}
    assert own in reader.want(200, "GET", "n/" + copied, headers={"Accept": "text/html"}).text, "the page leads to its own"
    stranger.want(404, "GET", f"r/{kept['id']}")
    policy = reader.want(200, "GET", f"v1/resources/{copied}/iam-policy")
    policy["bindings"] = policy.get("bindings", []) + [{"role": "viewer", "members": ["user:friend@results.org"]}]
    reader.want(200, "PUT", f"v1/resources/{copied}/iam-policy", policy)
    # By its own address and, as JupyterLab's outputs have it, by the original's.
    for id in (own, kept["id"]):
        assert rows(stranger, id, limit=1, where="0.ge.249999")["rows"][0][0] == "249999"
        page = stranger.want(200, "GET", f"r/{id}", headers={"Accept": "text/html"}).text
        assert f"n/{copied}" in page and kept["document"] not in page
    assert stranger.do("GET", f"n/{kept['document']}").status_code == 404


def worker(result):
    """The process that reads a result: it has the file in its directory."""
    for p in psutil.process_iter(["cmdline"]):
        line = p.info["cmdline"] or []
        if "results" in line and "--dir" in line:
            own = line[line.index("--dir") + 1]
            file, kept = os.path.join(own, "result.parquet"), os.path.join(os.path.dirname(own), "files", result + ".parquet")
            if os.path.exists(file) and os.path.exists(kept) and os.path.samefile(file, kept):
                return p
    return None


def test_a_worker_that_is_killed(reader, kept):
    rows(reader, kept["id"], limit=1)
    p = worker(kept["id"])
    told = []
    # A copy of everything to everything takes long enough to be hit.
    t = threading.Thread(target=lambda: told.append(reader.do("GET", f"v1/results/{kept['id']}/rows?q=no+such+text&sort=4&limit=1")))
    p.suspend()
    t.start()
    until = time.monotonic() + 20
    while not t.is_alive():
        assert time.monotonic() < until
    p.kill()
    t.join(30)
    assert told[0].status_code == 507 or told[0].status_code == 200, told[0].text  # it may have been another worker's
    assert rows(reader, kept["id"], limit=1)["total"] == ROWS
    # One that nobody asks anything has nobody who notices.
    p = worker(kept["id"])
    p.kill()
    psutil.wait_procs([p], timeout=20)
    assert rows(reader, kept["id"], limit=1)["total"] == ROWS


def test_a_worker_is_confined(reader, kept):
    rows(reader, kept["id"], limit=1)
    p = worker(kept["id"])
    with open(f"/proc/{p.pid}/status") as f:
        status = f.read()
    assert re.search(r"NoNewPrivs:\s+1", status) and re.search(r"Seccomp:\s+2", status)
    assert set(p.environ()) <= {"PATH", "LANG", "TMPDIR", "HOME"}


def test_what_a_kernel_claims_is_not_believed(sextant):
    """A kernel that names files which it has not stored gets nothing stored, and loses no output."""
    claims = ["../../../../etc/passwd", "01890000-0000-7000-8000-000000000001", "/etc/passwd", "x", ""]
    code = "from IPython.display import publish_display_data\n" + "\n".join(
        f"publish_display_data({{'text/plain': 'shown {i}'}}, metadata={{'sextant': {{'result': {{'ref': {c!r}, 'path': '/etc/passwd', 'rows': 1, 'schema': []}}}}}})" for i, c in enumerate(claims))
    done, nb = finish(sextant, run(sextant, statement=code, kernel="python3"))
    assert done["state"] == "succeeded"
    assert [o["data"]["text/plain"] for o in nb["cells"][0]["outputs"]] == [[f"shown {i}"] for i in range(len(claims))] or len(nb["cells"][0]["outputs"]) == len(claims)
    for c in claims[1:2]:
        rows(sextant, c, 404)


@pytest.mark.parametrize("scheme, width", [("light", 1440), ("dark", 390)])
def test_sharing_some_rows_by_a_link(browser, sextant, kept, scheme, width):
    """A link is made of the rows that are shown, and opens to who has no account: in the grid, with nothing else."""
    os.makedirs(SHOTS, exist_ok=True)
    shape = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme, "bypass_csp": True}
    owner = Visit(browser, sextant, **shape)
    page = owner.open(kept["document"])
    page.goto(f"{sextant.url}r/{kept['id']}?where=0.lt.50&sort=-0")
    page.get_by_text("Share a link").click()
    expect(page.get_by_text("only rows for which the conditions shown hold")).to_be_visible()
    page.get_by_text("Leave out columns").click()
    page.get_by_role("checkbox", name="word").check()
    page.screenshot(path=f"{SHOTS}/result-link-menu-{scheme}-{width}.png")
    assert barriers(page) == []
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("This address is shown once:").input_value()
    page.screenshot(path=f"{SHOTS}/result-link-made-{scheme}-{width}.png")
    assert barriers(page) == []
    # The page goes on as the result's.
    page.get_by_role("searchbox").fill("it's 3")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("Rows 1–7 of 7")).to_be_visible()
    owner.close()
    guest = browser.new_context(**shape)
    page = guest.new_page()
    wrong = []
    page.on("console", lambda m: m.type == "error" and wrong.append(m.text))
    page.on("pageerror", lambda e: wrong.append(str(e)))
    page.goto(address)
    grid = page.get_by_role("grid", name="Rows")
    expect(grid).to_have_attribute("aria-rowcount", "51")
    expect(grid.get_by_role("gridcell", name="2020-01-01")).to_be_visible()
    assert "word" not in page.content() and "it's" not in page.content()
    expect(grid.locator(".g-more")).to_have_count(0)  # pages of columns are of all rows
    grid.get_by_role("columnheader", name=re.compile("^n ")).first.locator(".g-name").click()
    page.wait_for_url(re.compile("sort=0"))
    expect(grid).to_have_attribute("aria-rowcount", "51")
    page.screenshot(path=f"{SHOTS}/result-link-{scheme}-{width}.png")
    assert barriers(page) == [] and wrong == []
    guest.close()


def test_reading_without_script(browser, reader, kept):
    one = Visit(browser, reader, java_script_enabled=False)
    page = one.open(kept["document"])
    page.get_by_role("link", name="Open the result").first.click()
    expect(page.get_by_text("1–100 of 250,000")).to_be_visible()
    page.get_by_role("link", name="Last", exact=True).click()
    expect(page.get_by_role("rowheader", name="250,000")).to_be_visible()
    page.get_by_role("link", name="half", exact=True).click()
    page.get_by_role("link", name="half ▲").click()
    expect(page.get_by_role("columnheader", name=re.compile("half"))).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("cell", name="62499.75")).to_be_visible()
    # Frequent values, and from one to the rows behind it.
    page.get_by_role("columnheader", name=re.compile("half")).get_by_role("link", name="Frequent values").click()
    expect(page.get_by_role("heading", name="How the values are spread")).to_be_visible()
    page.get_by_role("link", name=re.compile("^2500 to 5000: 10,000 rows")).click()
    expect(page.get_by_text("of 10,000")).to_be_visible()
    page.get_by_role("link", name="Show all rows").click()
    page.get_by_role("columnheader", name=re.compile("word")).get_by_role("link", name="Frequent values").click()
    page.get_by_role("link", name="it's 3", exact=True).click()
    expect(page.get_by_text("of 35,714")).to_be_visible()
    # A pivot, and from one of its cells to the rows behind it.
    page.goto(f"{reader.url}r/{kept['id']}")
    page.locator("summary", has_text="Group, pivot").click()
    page.locator("select[name=by]").select_option(label="word")
    page.locator("select[name=across]").select_option(label="day")
    page.locator("select[name=acrosspart]").select_option("year")
    page.get_by_role("button", name="Group", exact=True).click()
    expect(page.get_by_role("columnheader", name=re.compile("^2021"))).to_be_visible()
    count = page.get_by_role("row", name=re.compile("it's 3")).get_by_role("cell").nth(2)
    n = count.inner_text()
    count.get_by_role("link").click()
    expect(page.get_by_text(f"of {int(n):,}")).to_be_visible()
    expect(page.get_by_text("day is at least 2021-01-01")).to_be_visible()
    page.goto(f"{reader.url}r/{kept['id']}?where=1.eq.it%27s+3")
    # Kept under a name, and found again.
    page.locator("summary", has_text="Snapshots").click()
    page.get_by_label("Save what is shown as").fill("Threes")
    page.get_by_role("button", name="Save", exact=True).click()
    page.goto(f"{reader.url}r/{kept['id']}")
    page.locator("summary", has_text="Snapshots (1)").click()
    page.get_by_role("link", name="Threes").click()
    expect(page.get_by_text("of 35,714")).to_be_visible()
    page.locator("summary", has_text="Snapshots (1)").click()
    page.get_by_role("button", name="Delete the snapshot").click()
    expect(page.locator("summary", has_text="Snapshots (1)")).to_have_count(0)
    page.goto(f"{reader.url}r/{kept['id']}?where=1.eq.it%27s+3")
    # A filter, by keyboard.
    page.locator("summary", has_text="Filter").focus()
    page.keyboard.press("Enter")
    page.locator("select[name=column]").select_option(label="half")
    page.locator("select[name=op]").select_option(label="is less than")
    page.get_by_label("Value", exact=True).fill("100")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1–57 of 57")).to_be_visible()
    with page.expect_download() as saved:
        page.locator("summary", has_text="Download").click()
        page.get_by_role("link", name="CSV", exact=True).click()
    with open(saved.value.path()) as f:
        assert len(f.readlines()) == 58
    page.get_by_role("link", name="Without: half is less than 100").click()
    page.get_by_role("searchbox").fill("no such thing")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No rows are like that.")).to_be_visible()
    page.goto(f"{reader.url}r/{kept['id']}?where=0.gt.abc")
    expect(page.get_by_role("alert")).to_contain_text("abc")
    one.close()


def test_all_rows_in_one_grid(browser, reader, kept):
    one = Visit(browser, reader)
    one.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = one.open(kept["document"])
    page.get_by_role("link", name="Open the result").first.click()
    grid = page.get_by_role("grid", name="Rows")
    expect(grid.get_by_role("row", name=re.compile(r"^1 0 it's 0"))).to_be_visible()
    expect(grid).to_have_attribute("aria-rowcount", str(ROWS + 1))
    # By keyboard: to the end, one up, a range, copied as spreadsheets take it.
    grid.focus()
    page.keyboard.press("Control+End")
    expect(grid.get_by_role("row", name=re.compile(r"^250,000 249999 "))).to_be_visible()
    expect(grid).to_have_attribute("aria-activedescendant", re.compile("."))
    page.keyboard.press("Control+Home")
    page.keyboard.press("PageDown")
    page.keyboard.press("Control+Home")
    for key in ("Shift+ArrowDown", "Shift+ArrowRight", "Control+c"):
        page.keyboard.press(key)
    expect(page.get_by_text("Copied 4 values")).to_be_attached()
    assert page.evaluate("navigator.clipboard.readText()") == "0\tit's 0\n1\tit's 1"
    page.keyboard.press("Escape")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="odd \"name\", row 2")).to_be_visible()
    expect(page.locator("dialog pre")).to_have_text("=cmd|1")
    page.keyboard.press("Escape")
    expect(grid).to_be_focused()
    # More than fit at once are fetched to be copied.
    page.keyboard.press("Control+Home")
    page.keyboard.press("Control+Shift+ArrowDown")
    page.keyboard.press("Control+c")
    expect(page.get_by_text("At most 200,000 values are copied at once")).to_be_attached()
    # Where one was is in the address, and found again.
    page.keyboard.press("Control+Home")
    page.evaluate("document.querySelector('.g-scroll').scrollTop = 100000 * 26")
    expect(grid.get_by_role("row", name=re.compile("^100,003 "))).to_be_visible()
    expect(page).to_have_url(re.compile("#row=100001$"))
    page.reload()
    expect(grid.get_by_role("row", name=re.compile("^100,003 "))).to_be_visible()
    # Heads sort, and lead to frequent values.
    grid.get_by_role("columnheader", name=re.compile("^half")).locator(".g-name").click()
    grid.get_by_role("columnheader", name=re.compile("^half")).locator(".g-name").click()
    expect(grid.get_by_role("columnheader", name=re.compile("^half"))).to_have_attribute("aria-sort", "descending")
    expect(grid.get_by_role("row", name=re.compile("^1 .* 62499.75 "))).to_be_visible()
    grid.get_by_role("columnheader", name=re.compile("^word")).locator(".g-more").click()
    page.get_by_role("link", name="it's 3", exact=True).click()
    expect(page.get_by_text("Rows 1–")).to_contain_text("of 35,714")
    one.close()


def test_forms_offer_what_fits_the_column(browser, reader, kept):
    one = Visit(browser, reader)
    page = one.open(kept["document"])
    page.goto(f"{reader.url}r/{kept['id']}")
    page.locator("summary", has_text="Filter").click()
    condition, value = page.locator("select[name=op]"), page.locator("input[name=value]")
    text, number = "contains", "is"
    for column, first, kind in ((0, number, "number"), (1, text, "text"), (2, number, "date"), (3, number, "number")):
        page.locator("select[name=column]").select_option(index=column)
        expect(condition.locator("option:checked")).to_have_text(first)
        expect(condition.locator("option:enabled", has_text="contain")).to_have_count(2 if first == text else 0)
        expect(value).to_have_attribute("type", kind)
    condition.select_option(label="is NULL")
    expect(value).to_be_hidden()
    condition.select_option(label="is less than")
    value.fill("2.5")
    page.keyboard.press("Enter")
    expect(page.locator(".chip", has_text="half is less than 2.5")).to_be_visible()
    page.locator("summary", has_text="Group").click()
    for name in ("part", "acrosspart", "of"):
        expect(page.locator(f"select[name={name}]")).to_be_hidden()
    page.locator("select[name=by]").select_option(label="day")
    page.locator("select[name=func]").select_option(label="mean")
    for name in ("part", "of"):
        expect(page.locator(f"select[name={name}]")).to_be_visible()
    one.close()


def test_scrolling_takes_no_more_memory(browser, reader, kept):
    one = Visit(browser, reader)
    page = one.open(kept["document"])
    page.goto(f"{reader.url}r/{kept['id']}")
    expect(page.get_by_role("grid", name="Rows").get_by_role("row", name=re.compile("^1 0 "))).to_be_visible()
    tools = one.context.new_cdp_session(page)
    tools.send("Performance.enable")

    def scroll(n):
        page.evaluate("""async n => {
            const scroll = document.querySelector('.g-scroll');
            for (let i = 0; i < n; i++) {
                scroll.scrollTop = (i * 7919 % 1000) / 1000 * scroll.scrollHeight;
                do await new Promise(requestAnimationFrame); while (document.querySelector('.g-row:not([hidden]) .g-wait'));
            }
        }""", n)
        tools.send("HeapProfiler.collectGarbage")
        found = {m["name"]: m["value"] for m in tools.send("Performance.getMetrics")["metrics"]}
        return found["JSHeapUsedSize"], found["Nodes"]

    heap, nodes = scroll(100)  # more pages than are kept
    later, more = scroll(200)
    assert later < heap + 2e6 and more < nodes + 200, (heap, later, nodes, more)
    one.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_page_can_be_used_by_everybody(browser, reader, kept, scheme, width):
    one = Visit(browser, reader, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = one.open(kept["document"])
    faults = {}
    for name, query in {"rows": "?sort=-3", "values": "?group=1&measure=count&sort=-1", "pivot": "?group=1&pivot=2.year&measure=count&measure=mean.3", "column": "/columns/3", "column-text": "/columns/4?where=0.lt.100", "none": "?q=nothing+of+that", "wrong": "?where=0.gt.abc"}.items():
        page.goto(f"{reader.url}r/{kept['id']}{query}")
        if name == "rows":
            expect(page.get_by_role("grid", name="Rows").get_by_role("row", name=re.compile("^1 "))).to_be_visible()
        page.screenshot(path=os.path.join(SHOTS, f"page-result-{name}-{scheme}-{width}.png"))
        faults[name] = barriers(page)
    one.context.close()
    assert not any(faults.values()), json.dumps(faults, indent=1)


def test_a_parquet_file_is_shown(browser, sextant, tmp_path):
    """An uploaded file's first rows, read in a worker's sandbox; a damaged one is told to be."""
    name = str(tmp_path / "trips.parquet")
    duckdb.sql(f"COPY (SELECT i AS n, CASE WHEN i % 2 = 0 THEN '<b>' || i END AS \"the <word>\", DATE '2024-02-29' AS day, [i] AS list FROM range(2500) t(i)) TO '{name}'")
    whole = open(name, "rb").read()
    files = {"trips.parquet": whole, "hurt.parquet": whole[:200] + b"\xff" * 400 + whole[600:], "empty.parquet": b"PAR1" + b"\0" * 20 + b"PAR1"}
    ids = {}
    for file, text in files.items():
        sextant.want(201, "PUT", sextant.contents(file), {"type": "file", "format": "base64", "content": base64.b64encode(text).decode()})
        ids[file] = sextant.want(200, "GET", "v1/resolve?path=/" + sextant.path(file))["id"]
    one = Visit(browser, sextant, viewport={"width": 390, "height": 800}, bypass_csp=True)
    page = one.open(ids["trips.parquet"])
    expect(page.get_by_role("columnheader", name="the <word> VARCHAR")).to_be_visible()
    expect(page.get_by_role("cell", name="<b>2", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="NULL").first).to_be_visible()
    expect(page.get_by_role("cell", name="2024-02-29").first).to_be_visible()
    expect(page.get_by_text("Showing the first 1,000 of 2,500 rows.")).to_be_visible()
    page.screenshot(path=os.path.join(SHOTS, "page-parquet-light-390.png"))
    assert barriers(page) == []
    page = one.open(ids["trips.parquet"], "?all=1")
    expect(page.get_by_text("2,500 rows, 4 columns")).to_be_visible()
    page = one.open(ids["empty.parquet"])
    expect(page.get_by_text("This Parquet file cannot be read")).to_be_visible()
    page = one.open(ids["hurt.parquet"])
    expect(page.locator("main")).to_contain_text(re.compile("cannot be read|is not shown|Showing the first"))
    one.close()
    got = sextant.get(f"n/{ids['trips.parquet']}/download")
    assert got.content == whole
