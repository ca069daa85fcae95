"""What cells give: results, errors, parameters, magics, stored results."""

import os

import duckdb
import pytest

from conftest import DATA


def test_several_statements_each_with_its_result(kernel):
    out = kernel.run("CREATE TABLE t (a INTEGER);\n-- nothing\nINSERT INTO t VALUES (1), (2); SELECT sum(a) AS s FROM t;")
    assert out.status == "ok"
    assert [m["msg_type"] for m in out.outputs] == ["display_data", "display_data", "execute_result"]
    assert "Table created" in out.outputs[0]["content"]["data"]["text/plain"]
    assert "2 rows inserted" in out.outputs[1]["content"]["data"]["text/plain"]
    assert "       3 │" in out.text()


@pytest.mark.parametrize("code", ["", "   \n", "-- only a comment", "/* and\nthis */", ";;"])
def test_empty_cells_are_fine(kernel, code):
    out = kernel.run(code)
    assert out.status == "ok" and not out.outputs


def test_error_points_into_the_cell(kernel):
    out = kernel.run("SELECT 1;\nSELECT nam\nFROM (SELECT 1 AS name);\nSELECT 3")
    error = out.outputs[-1]
    assert error["msg_type"] == "error" and error["content"]["ename"] == "BinderException"
    text = "\n".join(error["content"]["traceback"])
    line, caret = next((a, b) for a, b in zip(text.split("\n"), text.split("\n")[1:]) if b.strip() == "^")
    assert line.startswith("LINE 2: SELECT nam") and line[caret.index("^"):].startswith("nam")
    assert 'Did you mean "name"?' in text and "statement 2 of 3" in text
    assert out.reply["ename"] == "BinderException" and "goroutine" not in text


def test_honest_when_there_is_more(kernel):
    out = kernel.run("SELECT * FROM range(1000)")
    assert "1,000 rows" in out.text() and "more" not in out.text()
    out = kernel.run("SELECT * FROM range(1001)")
    meta = out.data()["metadata"]["sextant"]
    assert meta["rows"] == 1000 and meta["more"]
    out = kernel.run("%limit 5\nSELECT * FROM range(100000000)")
    assert out.data()["metadata"]["sextant"]["rows"] == 5 and "there are more" in out.text()


def test_null_differs_from_null(kernel):
    out = kernel.run("SELECT NULL AS a, 'NULL' AS b")
    assert "NULL │ 'NULL'" in out.text()
    html = out.data()["data"]["text/html"]
    assert html.count("NULL") >= 2 and "<script" not in html


def test_html_is_escaped(kernel):
    out = kernel.run("SELECT '<script>alert(1)</script>' AS \"<b>x</b>\"")
    html = out.data()["data"]["text/html"]
    assert "<script>" not in html and "<b>x" not in html


def test_transactions_live_across_cells_and_say_when_aborted(kernel):
    kernel.run("CREATE TABLE t (a INTEGER); BEGIN; INSERT INTO t VALUES (1)")
    assert "1" in kernel.run("SELECT count(*) FROM t").text()
    out = kernel.run("SELECT error('boo')")
    assert "transaction is aborted" in out.text()
    assert "ROLLBACK" in kernel.run("SELECT 1").text()
    assert kernel.run("ROLLBACK").status == "ok"
    assert "           0 │" in kernel.run("SELECT count(*) FROM t").text()


def test_parameters_are_values(kernel):
    hostile = "x'); DROP TABLE t; --"
    kernel.run("CREATE TABLE t (a VARCHAR)")
    kernel.run("%params name='" + hostile.replace("'", "''") + "' n:SMALLINT=3 day:DATE='2024-02-29' list=[1, 2, 3]")
    out = kernel.run("SELECT $name AS name, typeof($n) AS n, $day + 1 AS d, $list[2] AS l")
    assert hostile in out.text() and "SMALLINT" in out.text() and "2024-03-01" in out.text()
    assert kernel.run("FROM t").status == "ok"
    out = kernel.run("SELECT $nam")
    assert out.status == "error" and "$name" in out.text()


def test_runner_overrides_parameters_with_their_type(kernel):
    meta = {"sextant": {"parameters": {"region": "US", "n": 7}}}
    out = kernel.run("%params region='EU' n:TINYINT=1\nSELECT $region AS r, $n AS n, typeof($n) AS t", metadata=meta)
    assert "US" in out.text() and "TINYINT" in out.text() and "7" in out.text()
    assert "US" in kernel.run("%params region='EU'\nSELECT $region").text()
    bad = kernel.run("%params n:TINYINT=1", metadata={"sextant": {"parameters": {"n": "many"}}})
    assert bad.status == "error" and "n" in bad.text()


def test_set_variable_is_a_parameter_too(kernel):
    assert "EU" in kernel.run("SET VARIABLE region = 'EU'; SELECT $region").text()


def test_user_expressions(kernel):
    reply = kernel.run("SELECT 1", user_expressions={"two": "1 + 1", "bad": "nope"}).reply
    assert reply["user_expressions"]["two"]["data"]["text/plain"] == "2"
    assert reply["user_expressions"]["bad"]["status"] == "error"


def test_silent_shows_and_counts_nothing(kernel):
    first = kernel.run("SELECT 1").reply["execution_count"]
    out = kernel.run("CREATE TABLE quiet (a INTEGER); SELECT 1", silent=True)
    assert not out.outputs and out.status == "ok"
    assert kernel.run("FROM quiet").reply["execution_count"] == first + 1


def test_result_to_file(kernel, tmp_path):
    meta = {"sextant": {"store_result": {"dir": str(tmp_path)}}}
    out = kernel.run("SELECT i, 'n' || i AS s, i::HUGEINT AS h FROM range(500000) r(i)", metadata=meta)
    result = out.data()["metadata"]["sextant"]["result"]
    assert result["rows"] == 500000 and result["complete"]
    assert result["bytes"] == os.path.getsize(result["path"])
    assert [c["type"] for c in result["schema"]] == ["BIGINT", "VARCHAR", "HUGEINT"]
    total = duckdb.sql("SELECT count(*), sum(i), max(s) FROM '%s'" % result["path"]).fetchone()
    assert total == (500000, 124999750000, "n99999")
    assert "1,000 of 500,000 rows" in out.text()
    cut = kernel.run("SELECT * FROM range(1000000)", metadata={"sextant": {"store_result": {"dir": str(tmp_path), "max_rows": 1500}}})
    result = cut.data()["metadata"]["sextant"]["result"]
    assert result["rows"] == 1500 and not result["complete"]
    assert duckdb.sql("SELECT count(*) FROM '%s'" % result["path"]).fetchone() == (1500,)
    failed = kernel.run("SELECT 1 UNION ALL SELECT error('late')::INTEGER", metadata=meta)
    assert failed.status == "error"
    assert sorted(os.listdir(tmp_path)) == sorted(os.path.basename(p) for p in [out.data()["metadata"]["sextant"]["result"]["path"], result["path"]])


def test_progress_leaves_no_trace(kernel):
    out = kernel.run("SELECT 'first' AS a; SELECT count(*) FROM range(400000000) r(i) WHERE hash(i) % 7 = 1; SELECT 'last' AS b", timeout=120)
    kinds = [m["msg_type"] for m in out.outputs]
    assert any(m["content"].get("transient", {}).get("display_id") for m in out.outputs), kinds
    stored = out.stored()
    assert [m["msg_type"] for m in stored] == ["display_data", "display_data", "execute_result"]
    assert not any(m["content"]["transient"] for m in stored)
    assert "first" in out.text() and "last" in out.text() and "Running" not in out.text()


@pytest.mark.parametrize("ending", ["csv", "parquet", "json", "ndjson", "xlsx"])
def test_export(kernel, tmp_path, ending):
    file = tmp_path / ("out." + ending)
    out = kernel.run("%%export '%s'\nSELECT i AS a, 'x' AS b FROM range(3000) r(i)" % file)
    assert out.status == "ok", out.text()
    assert "3000 rows" in out.text()
    assert "3000" in kernel.run("SELECT count(*) FROM '%s'" % file).text()
    assert "FileExists" in kernel.run("%%export '%s'\nSELECT 1" % file).text()
    assert kernel.run("%%export '%s' --overwrite\nSELECT 1 AS x" % file).status == "ok"


def test_folder_becomes_a_schema(kernel):
    out = kernel.run("%%attach '%s' as sample\nSELECT count(*) FROM sample.flights" % DATA)
    assert "20000" in out.text()
    # A schema that has a database's name would make both of them unusable.
    out = kernel.run("ATTACH ':memory:' AS taken;\n%%attach '%s' as Taken" % DATA)
    assert out.reply["ename"] == "NameTaken" and "as NAME" in out.text()
    assert kernel.run("CREATE TABLE taken.t (i INTEGER)").status == "ok"


def test_chart_has_vegalite_and_words(kernel):
    out = kernel.run("%chart bar x=origin y=n title='Flights'\nSELECT origin, count(*) AS n FROM '" + DATA + "/flights.parquet' GROUP BY ALL ORDER BY n DESC LIMIT 5")
    data = out.data()["data"]
    spec = data["application/vnd.vegalite.v5+json"]
    assert len(spec["data"]["values"]) == 5 and spec["description"]
    assert "bar" in data["text/plain"].lower() and "DFW" in data["text/plain"]
    out = kernel.run("%chart bar x=origim y=n\nSELECT 'a' AS origin, 1 AS n")
    assert out.status == "error" and "origin" in out.text()


def test_plans(kernel):
    assert "estimated" in kernel.run("%explain\nSELECT sum(i) FROM range(1000) r(i)").text()
    assert "%" in kernel.run("%profile\nSELECT sum(i) FROM range(3000000) r(i)").text()


def test_unknown_magic_suggests(kernel):
    out = kernel.run("%tabels")
    assert out.reply["ename"] == "UnknownMagic" and "%tables" in out.text()


def test_missing_extension_names_the_package(start):
    k = start(env={"SEXTANT_EXTENSIONS": "", "VIRTUAL_ENV": "", "XDG_CACHE_HOME": "/nonexistent"})
    out = k.run("LOAD vss")
    assert "duckdb-extension-vss" in out.text() and "nothing is downloaded" in out.text()


def test_hostile_text(kernel):
    for code in ["SELECT '\x00'", "SELECT \ud800".encode("utf-16", "surrogatepass").decode("utf-16", "replace"), "'" * 10001, "(" * 5000, "%chart " + "x=" * 1000]:
        assert kernel.run(code).status in ("ok", "error")
    assert kernel.run("SELECT 42").status == "ok"
