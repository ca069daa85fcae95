"""Real sources through DuckDB's own extensions: PostgreSQL, SQLite, Excel, Iceberg, Delta, files over http."""

import functools
import http.server
import json
import os
import sqlite3
import threading
import uuid

import pytest

from conftest import DATA


def postgres_url():
    url = os.environ.get("SEXTANT_TEST_POSTGRES")
    if not url:
        if os.environ.get("CI"):
            pytest.fail("SEXTANT_TEST_POSTGRES is not set: there is no PostgreSQL to test with")
        pytest.skip("SEXTANT_TEST_POSTGRES is not set")
    return url


def test_postgres_with_a_password_that_is_asked(kernel):
    url = postgres_url()  # postgres://user:password@host:port/database
    head, _, rest = url.partition("://")
    user, _, place = rest.partition("@")
    name, _, password = user.partition(":")
    table = "t_" + uuid.uuid4().hex
    request = kernel.send("%%connect %s://%s@%s as pg" % (head, name, place), allow_stdin=True)
    kernel.kc.get_stdin_msg(timeout=10)
    kernel.kc.input(password)
    out = kernel.collect([request])[request]
    assert out.status == "ok", out.text()
    try:
        out = kernel.run("CREATE TABLE pg.%s AS SELECT i, 'x' || i AS s FROM range(5000) r(i); SELECT count(*), max(s) FROM pg.%s" % (table, table))
        assert out.status == "ok" and "5000" in out.text() and "x999" in out.text()
        code = "SELECT * FROM pg.public.%s WHERE " % table
        kernel.kc.complete(code, len(code))
        assert "s" in kernel.kc.get_shell_msg(timeout=5)["content"]["matches"]
        wrong = kernel.run("FROM pg.no_such_table")
        assert wrong.status == "error"
    finally:
        kernel.run("DROP TABLE IF EXISTS pg.%s" % table)
    out = kernel.run("%%connect %s://%s:wrong-word@%s as pg2" % (head, name, place))
    assert out.status == "error" and "wrong-word" not in "\n".join(out.outputs[-1]["content"]["traceback"]).replace("LINE 1: %connect", "").split("\n")[0]


def test_sqlite_file(kernel, tmp_path):
    file = tmp_path / "old.db"
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE people (name TEXT, born INTEGER)")
    db.execute("INSERT INTO people VALUES ('Ada', 1815)")
    db.commit()
    db.close()
    out = kernel.run("%%attach '%s' as old\nFROM old.people" % file)
    assert out.status == "ok" and "Ada" in out.text(), out.text()


def test_excel(kernel, tmp_path):
    out = kernel.run("%%export '%s/x.xlsx'\nSELECT i AS n, 'ü' AS s FROM range(3) r(i)" % tmp_path)
    assert out.status == "ok", out.text()
    assert "ü" in kernel.run("SELECT * FROM read_xlsx('%s/x.xlsx')" % tmp_path).text()


def delta_table(root):
    import duckdb

    os.makedirs(root / "_delta_log")
    duckdb.sql("COPY (SELECT i AS id, 'row ' || i AS name FROM range(10) r(i)) TO '%s/part-0.parquet'" % root)
    schema = json.dumps({"type": "struct", "fields": [
        {"name": "id", "type": "long", "nullable": True, "metadata": {}},
        {"name": "name", "type": "string", "nullable": True, "metadata": {}},
    ]})
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": str(uuid.uuid4()), "format": {"provider": "parquet", "options": {}}, "schemaString": schema, "partitionColumns": [], "configuration": {}, "createdTime": 0}},
        {"add": {"path": "part-0.parquet", "partitionValues": {}, "size": os.path.getsize(root / "part-0.parquet"), "modificationTime": 0, "dataChange": True}},
    ]
    (root / "_delta_log" / "00000000000000000000.json").write_text("".join(json.dumps(a) + "\n" for a in actions))


def test_delta_table(kernel, tmp_path):
    delta_table(tmp_path)
    out = kernel.run("SELECT count(*) AS n, max(name) AS m FROM delta_scan('%s')" % tmp_path)
    assert out.status == "ok" and "row 9" in out.text(), out.text()


def test_iceberg_table(kernel, tmp_path):
    import pyarrow as pa
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("c", uri="sqlite:///%s/catalog.db" % tmp_path, warehouse="file://%s" % tmp_path)
    catalog.create_namespace("ns")
    rows = pa.table({"id": list(range(10)), "name": ["row %d" % i for i in range(10)]})
    table = catalog.create_table("ns.t", schema=rows.schema)
    table.append(rows)
    out = kernel.run("SELECT count(*) AS n, max(name) AS m FROM iceberg_scan('%s')" % table.metadata_location.removeprefix("file://"))
    assert out.status == "ok" and "row 9" in out.text(), out.text()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def web():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=DATA))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d" % server.server_port
    server.shutdown()


def test_file_over_http(kernel, web):
    out = kernel.run("SELECT count(*) FROM '%s/weather.csv'" % web)
    assert out.status == "ok" and "1461" in out.text(), out.text()
    assert kernel.run("FROM '%s/missing.csv'" % web).status == "error"


def test_bucket_with_a_secret_that_is_asked(kernel):
    """The S3 protocol for reading is signed http: the server sees the signature, and answers with the file."""
    seen = []

    class Bucket(Quiet):
        def send_head(self):
            seen.append(self.headers.get("Authorization", ""))
            return super().send_head()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Bucket, directory=os.path.dirname(DATA)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        request = kernel.send("%%connect s3://data key=AKIAEXAMPLE region=eu-central-1 endpoint=127.0.0.1:%d url_style=path use_ssl=false" % server.server_port, allow_stdin=True)
        kernel.kc.get_stdin_msg(timeout=10)
        kernel.kc.input("a-secret-key")
        out = kernel.collect([request])[request]
        assert out.status == "ok" and "a-secret-key" not in str(out.messages), out.text()
        out = kernel.run("SELECT count(*) FROM 's3://data/weather.csv'")
        assert out.status == "ok" and "1461" in out.text(), out.text()
        assert any("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/" in a and "eu-central-1/s3" in a for a in seen)
        assert "a-secret-key" not in kernel.run("FROM duckdb_secrets()").text()
    finally:
        server.shutdown()


def test_spatial(kernel):
    out = kernel.run("LOAD spatial; SELECT ST_AsText(ST_Point(1, 2)) AS p, ST_Point(1, 2) AS g")
    assert out.status == "ok" and "POINT (1 2)" in out.text(), out.text()


def test_ducklake(kernel, tmp_path):
    out = kernel.run("ATTACH 'ducklake:%s/lake.ducklake' AS lake (DATA_PATH '%s/files/'); CREATE TABLE lake.t AS SELECT range AS i FROM range(100); INSERT INTO lake.t VALUES (100); SELECT count(*) AS n, max(i) AS m FROM lake.t" % (tmp_path, tmp_path))
    assert out.status == "ok" and "101" in out.text(), out.text()


def test_full_text_search(kernel):
    kernel.run("CREATE TABLE docs AS SELECT * FROM (VALUES (1, 'the quick brown fox'), (2, 'a lazy dog')) d(id, text)")
    out = kernel.run("PRAGMA create_fts_index('docs', 'id', 'text'); SELECT id FROM docs WHERE fts_main_docs.match_bm25(id, 'foxes') IS NOT NULL")
    assert out.status == "ok" and "1 │" in out.text(), out.text()


def test_azure_is_there(kernel):
    assert kernel.run("LOAD azure; SELECT 1").status == "ok"


EXTENSION_ERRORS = [
    "LOAD spatial; SELECT ST_GeomFromText('no geometry')",
    "FROM st_read('{bad}')",
    "FROM read_xlsx('{bad}')",
    "FROM read_avro('{bad}')",
    "FROM iceberg_scan('{bad}')",
    "FROM delta_scan('{bad}')",
    "ATTACH 'ducklake:{bad}' AS lake",
    "ATTACH '{bad}' AS lite (TYPE sqlite); FROM lite.nothing",
    "ATTACH 'host=127.0.0.1 port=1' AS pg (TYPE postgres)",
    "FROM 'http://127.0.0.1:1/x.parquet'",
    "FROM 's3://no-such-bucket-of-anybody/x.parquet'",
    "FROM 'az://container/x.parquet'",
    "PRAGMA create_fts_index('nothing', 'id', 'text')",
]


def test_errors_in_extensions_are_only_errors(kernel, tmp_path):
    (tmp_path / "bad").write_bytes(b"neither this nor that\n" * 100)
    kernel.run("SET http_timeout = 2; SET http_retries = 0; SET s3_endpoint = '127.0.0.1:1'; SET s3_use_ssl = false")
    for sql in EXTENSION_ERRORS:
        out = kernel.run(sql.replace("{bad}", str(tmp_path / "bad")))
        assert out.status == "error", sql
        assert kernel.run("SELECT 42").status == "ok", sql
