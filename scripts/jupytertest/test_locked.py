"""A managed session's lock: what the launch spec allows, and nothing else."""

import glob
import hashlib
import json
import os
import sqlite3

import duckdb
import pytest

from conftest import Kernel


EXTENSIONS = glob.glob(os.path.join(os.path.dirname(duckdb.__file__), "..", "duckdb_extension_*", "extensions", "*", "sqlite_scanner.duckdb_extension"))

# Databases of a user, made elsewhere and laid into the session's directory.
EVIL = {
    "view.duckdb": "CREATE VIEW v AS FROM sqlite_scan('{out}/attached.sqlite', 't')",
    "macro.duckdb": "CREATE MACRO v() AS TABLE FROM query('FROM sqlite' || '_scan(''{out}/attached.sqlite'', ''t'')')",
    "good.duckdb": "CREATE VIEW v AS SELECT 42 AS x; CREATE TABLE t AS SELECT 1 AS query",
}


@pytest.fixture(scope="module")
def jail(tmp_path_factory):
    root = tmp_path_factory.mktemp("locked")
    inside, outside, sibling = root / "jail", root / "outside", root / "jail-sibling"
    for d in (inside, outside, sibling):
        d.mkdir()
        (d / "data.csv").write_text("a,b\n1,secret-of-%s\n" % d.name)
    (inside / "link.csv").symlink_to(outside / "data.csv")
    (inside / "linkdir").symlink_to(outside)
    db = sqlite3.connect(outside / "attached.sqlite")
    db.execute("CREATE TABLE t (a INTEGER)")
    db.execute("INSERT INTO t VALUES (42)")
    db.commit()
    db.close()
    (inside / "dump").mkdir()
    (inside / "dump" / "schema.sql").write_text("CREATE VIEW imported AS FROM sqlite_scan('%s/attached.sqlite', 't');" % outside)
    (inside / "dump" / "load.sql").write_text("")
    (inside / "mine.sqlite").write_bytes((outside / "attached.sqlite").read_bytes())
    for name, sql in EVIL.items():
        with duckdb.connect(inside / name) as evil:
            evil.execute("LOAD '%s'" % EXTENSIONS[0])
            evil.execute(sql.replace("{out}", str(outside)))
    with duckdb.connect(outside / "attached.duckdb") as db:
        db.execute("CREATE TABLE t AS SELECT 43 AS a")
    spec = {
        "allowed_directories": [str(inside)],
        "attach": [
            {"name": "duck", "path": str(outside / "attached.duckdb")},
            {"name": "lite", "path": str(outside / "attached.sqlite"), "type": "sqlite"}],
        "extensions": ["sqlite_scanner", "postgres_scanner", "httpfs", "excel", "spatial", "avro", "iceberg", "delta", "ducklake"],
        "init_sql": "CREATE TABLE from_init AS SELECT 'init' AS x; CREATE VIEW jailed AS FROM '%s/data.csv'" % inside,
        "memory_limit": "300MB",
        "threads": 2,
        "temp_directory": str(root / "spill"),
        "max_temp_size": "50MB",
        "result_directory": str(inside),
    }
    file = root / "launch.json"
    file.write_text(json.dumps(spec))
    kernel = Kernel(args=["--spec", str(file)], cwd=str(inside))
    kernel.root = root
    yield kernel
    kernel.close()


def test_what_is_allowed_works(jail):
    inside = jail.root / "jail"
    assert "init" in jail.run("FROM from_init").text()
    assert "42" in jail.run("FROM lite.t").text()
    assert "43" in jail.run("FROM duck.t").text()
    assert "secret-of-jail" in jail.run("FROM jailed").text()
    assert jail.run("COPY (SELECT 1 AS x) TO '%s/out.parquet'" % inside).status == "ok"
    assert "1" in jail.run("FROM '%s/out.parquet'" % inside).text()
    assert jail.run("SET TimeZone = 'Europe/Berlin'; CREATE TABLE mine AS SELECT 1; SET VARIABLE v = 2").status == "ok"
    assert jail.run("ATTACH '%s/good.duckdb' AS good; SELECT x FROM good.v; SELECT query FROM good.t; DETACH good" % inside).status == "ok"
    assert jail.run("ATTACH '%s/mine.sqlite' AS mine_lite; FROM mine_lite.t; DETACH mine_lite" % inside).status == "ok"
    sub = jail.control("create_subshell_request")["subshell_id"]
    request = jail.send("FROM from_init", subshell=sub)
    assert jail.collect([request])[request].status == "ok"
    out = jail.run("SELECT 1 AS x", metadata={"sextant": {"store_result": {}}})
    assert os.path.dirname(out.data()["metadata"]["sextant"]["result"]["path"]) == str(inside)


ESCAPES = [
    "SELECT * FROM '{out}/data.csv'",
    "SELECT * FROM read_csv('{out}/data.csv')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_csv('{in}/../outside/data.csv')",
    "SELECT * FROM '{root}/jail-sibling/data.csv'",
    "SELECT * FROM '{in}/link.csv'",
    "SELECT * FROM '{in}/linkdir/data.csv'",
    "SELECT * FROM 'link.csv'",
    "SELECT * FROM 'file://{out}/data.csv'",
    "SELECT * FROM 'file:///etc/passwd'",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_text('/proc/self/root/etc/passwd')",
    "SELECT * FROM read_text('/dev/stdin')",
    "SELECT * FROM read_csv(['{in}/data.csv', '{out}/data.csv'])",
    "SELECT getenv('HOME')",
    "COPY (SELECT 1) TO '{out}/written.csv'",
    "COPY (SELECT 1) TO '{in}/linkdir/written.csv'",
    "COPY from_init FROM '{out}/data.csv'",
    "ATTACH '{out}/new.duckdb' AS n",
    "ATTACH '{out}/attached.sqlite' AS again (TYPE sqlite)",
    "INSERT INTO lite.t VALUES (1)",
    "CREATE TABLE lite.x (a INTEGER)",
    "EXPORT DATABASE '{out}/dump'",
    "IMPORT DATABASE '{out}/dump'",
    "INSTALL httpfs",
    "LOAD azure",
    "LOAD '{out}/x.duckdb_extension'",
    "SELECT * FROM 'http://127.0.0.1:9/x.csv'",
    "SELECT * FROM 's3://bucket/x.csv'",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']",
    "SET allowed_configs = ['threads']",
    "SET memory_limit = '100GB'",
    "SET threads = 64",
    "SET temp_directory = '{out}'",
    "SET max_temp_directory_size = '1TB'",
    "SET extension_directory = '{out}'",
    "SET home_directory = '{out}'",
    "SET secret_directory = '{out}'",
    "SET log_query_path = '{out}/log'",
    "SET profiling_output = '{out}/profile.json'",
    "PRAGMA profile_output = '{out}/profile.json'",
    "SET file_search_path = '{out}'",
    "SET http_logging_output = '{out}/http'",
    "SET allow_unsigned_extensions = true",
    "SET autoinstall_known_extensions = true",
    "SET custom_extension_repository = 'http://127.0.0.1:9'",
    "PRAGMA database_list; ATTACH '/tmp/x.db'",
    "CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'x')",
    "CALL enable_logging(storage = 'file', storage_path = '{out}/logs')",
    "CALL enable_profiling(save_location = '{out}/profile.json')",
    "PRAGMA enable_profiling('json')",
    "FROM sqlite_scan('{out}/attached.sqlite', 't')",
    "SELECT * FROM \"SQLite_Scan\"/* */('{out}/attached.sqlite', 't')",
    "CALL system.main.sqlite_attach('{out}/attached.sqlite')",
    "CREATE VIEW sneaky AS FROM sqlite_scan('{out}/attached.sqlite', 't')",
    "CREATE MACRO sneaky(q) AS TABLE FROM query(q)",
    "FROM query('FROM sqlite' || '_scan(''{out}/attached.sqlite'', ''t'')')",
    "PREPARE p AS FROM sqlite_scan($1, 't')",
    "ATTACH 'sqlite:{out}/attached.sqlite' AS again",
    "ATTACH 'sqli'\n'te:{out}/attached.sqlite' AS again",
    "ATTACH $$sqlite:{out}/attached.sqlite$$ AS again",
    "ATTACH '{out}/attached.sqlite' AS again (\"type\" 'SQLite')",
    "ATTACH '{out}/attached.sqlite' AS again",
    "INSERT INTO duck.t VALUES (1)",
    "COPY (SELECT 1) TO '{out}/attached.duckdb.wal'",
    "COPY (SELECT 1) TO '{out}/attached.sqlite-journal'",
    "ATTACH '{out}/attached.duckdb' AS again",
    "DETACH duck; ATTACH '{out}/attached.duckdb' AS duck",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO '{out}/attached.duckdb'",
    "PREPARE p AS COPY (SELECT 1) TO '{out}/attached.duckdb'",
    "COPY (SELECT 1) TO '{out}//attached.duckdb'",
    "COPY (SELECT 1) TO '{out}/attached.' || 'duckdb'",
    "%export '{out}/attached.duckdb' format=csv\nSELECT 1",
    "ATTACH 'ducklake:sqlite:{out}/attached.sqlite' AS again",
    "ATTACH '{in}/view.duckdb' AS evil",
    "ATTACH '{in}/macro.duckdb' AS evil",
    "IMPORT DATABASE '{in}/dump'",
    "PRAGMA import_database('{in}/dump')",
    "PRAGMA import_database = '{in}/dump'",
    "ATTACH 'host=127.0.0.1 port=9' AS p (TYPE postgres)",
    "FROM postgres_scan('host=127.0.0.1 port=9', 'public', 't')",
    "FROM delta_scan('{out}')",
    "FROM st_read('{out}/data.csv')",
    "FROM st_readshp('{out}/data.csv')",
    "FROM read_xlsx('{out}/data.csv')",
    "FROM read_avro('{out}/data.csv')",
    "FROM iceberg_scan('{out}')",
    "COPY (SELECT 1 AS a) TO '{out}/x.xlsx' (FORMAT xlsx)",
    "COPY (SELECT st_point(1, 2) AS g) TO '{out}/x.json' (FORMAT gdal, DRIVER 'GeoJSON')",
    "%connect sqlite:{out}/attached.sqlite as again",
    "%connect postgres://u:p@127.0.0.1:9/d as again",
    "%chart bar x=a\nFROM '{out}/data.csv'",
    "%describe '{out}/data.csv'",
    "%explain FROM '{out}/data.csv'",
    "%profile FROM '{out}/data.csv'",
    "%attach '{out}/new.duckdb'",
    "%attach '{out}'",
    "%export '{out}/x.csv'\nSELECT 1",
]


@pytest.mark.parametrize("escape", ESCAPES)
def test_escape_is_refused(jail, escape):
    places = {"in": str(jail.root / "jail"), "out": str(jail.root / "outside"), "root": str(jail.root)}
    before = sorted(os.listdir(places["out"]))
    digest = hashlib.sha256((jail.root / "outside" / "attached.duckdb").read_bytes()).hexdigest()
    code = escape
    for name, path in places.items():
        code = code.replace("{%s}" % name, path)
    out = jail.run(code)
    assert out.status == "error", out.text()
    assert "secret-of-outside" not in out.text() and "secret-of-jail-sibling" not in out.text() and "root:" not in out.text()
    assert sorted(os.listdir(places["out"])) == before
    assert hashlib.sha256((jail.root / "outside" / "attached.duckdb").read_bytes()).hexdigest() == digest
    assert jail.run("SELECT 42").status == "ok"


def test_completion_does_not_list_foreign_files(jail):
    for prefix in ("/etc/", str(jail.root / "outside") + "/", str(jail.root / "jail" / "linkdir") + "/"):
        code = "SELECT * FROM read_csv('" + prefix
        jail.kc.complete(code, len(code))
        assert jail.kc.get_shell_msg(timeout=5)["content"]["matches"] == []


BOMBS = [
    "SELECT sum(length(x)) FROM (SELECT string_agg(md5(i::VARCHAR)) AS x FROM range(20000000) r(i))",
    "SELECT list(i) FROM range(100000000) r(i)",
    "CREATE TABLE huge AS SELECT md5(i::VARCHAR) AS a, md5((i + 1)::VARCHAR) AS b FROM range(50000000) r(i)",
    "SELECT * FROM range(30000000) a(i) ORDER BY md5(i::VARCHAR)",
    "SELECT count(DISTINCT md5(i::VARCHAR)) FROM range(50000000) r(i)",
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_memory_bomb_fails_and_the_kernel_lives(jail, bomb):
    out = jail.run(bomb, timeout=120)
    assert out.status == "error"
    assert "OutOfMemory" in out.reply["ename"] or "space" in out.text().lower() or "temp" in out.text().lower(), out.text()
    assert "init" in jail.run("FROM from_init").text()


def test_requests_cannot_choose_where_results_go(jail):
    out = jail.run("SELECT 1", metadata={"sextant": {"store_result": {"dir": str(jail.root / "outside")}}})
    assert "outside" not in out.data()["metadata"]["sextant"]["result"]["path"]


def test_a_spec_with_an_unknown_key_is_refused(tmp_path):
    import subprocess
    import sys

    spec = tmp_path / "spec.json"
    spec.write_text('{"memory_limt": "1GB"}')
    connection = tmp_path / "c.json"
    connection.write_text(json.dumps(dict(transport="tcp", ip="127.0.0.1", shell_port=1, iopub_port=2, stdin_port=3, control_port=4, hb_port=5, key="k", signature_scheme="hmac-sha256")))
    out = subprocess.run([os.path.join(os.path.dirname(sys.executable), "sextant-kernel"), "-f", str(connection), "--spec", str(spec)], capture_output=True, text=True, timeout=20)
    assert out.returncode != 0 and "memory_limt" in out.stderr
