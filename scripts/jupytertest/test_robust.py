"""Peers that misbehave, much work, and memory that stays where it was."""

import json
import os
import socket
import time

import psutil
import pytest
import zmq

from conftest import Kernel


def memory(kernel):
    return psutil.Process(kernel.pid).memory_info().rss / 1e6


def peak(kernel):
    with open("/proc/%d/status" % kernel.pid) as f:
        return int(next(line for line in f if line.startswith("VmHWM")).split()[1]) / 1e3


def ports(kernel):
    with open(kernel.km.connection_file) as f:
        info = json.load(f)
    return [info[c + "_port"] for c in ("shell", "iopub", "stdin", "control", "hb")]


HOSTILE = [
    b"",
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\xff\x00\x00\x00\x00\x00\x00\x00\x7f",
    b"\xff" + b"\x00" * 8 + b"\x7f\x03\x00NULL" + b"\x00" * 48 + b"\x02\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    os.urandom(4096),
]


def test_port_scans_and_hostile_bytes(kernel):
    kernel.run("CREATE TABLE kept AS SELECT 42 AS x")
    before = memory(kernel)
    silent = []
    for _ in range(20):
        for port in ports(kernel):
            for data in HOSTILE:
                s = socket.create_connection(("127.0.0.1", port), timeout=5)
                s.sendall(data)
                s.close()
            silent.append(socket.create_connection(("127.0.0.1", port), timeout=5))
    assert "42" in kernel.run("FROM kept").text()
    other = kernel.client()
    assert "42" in kernel.run("FROM kept", kc=other).text()
    other.stop_channels()
    for s in silent:
        s.close()
    assert memory(kernel) < before + 60


def test_reader_that_stops_reading_harms_only_itself(kernel):
    context = zmq.Context()
    stuck = context.socket(zmq.SUB)
    stuck.setsockopt(zmq.SUBSCRIBE, b"")
    stuck.setsockopt(zmq.RCVHWM, 1)
    stuck.setsockopt(zmq.RCVBUF, 4096)
    stuck.connect("tcp://127.0.0.1:%d" % ports(kernel)[1])
    stuck.recv_multipart()  # the welcome, and then nothing more
    kernel.run("SELECT repeat('x', 900000) AS warm")
    before = memory(kernel)
    began = time.monotonic()
    for i in range(300):  # some 600 MB
        out = kernel.run("SELECT %d AS i, repeat('x', 900000) AS big" % i)
        assert out.status == "ok" and out.outputs
    assert time.monotonic() - began < 60
    assert memory(kernel) < before + 150
    stuck.close(linger=0)
    context.term()


def test_pings_are_answered(kernel):
    context = zmq.Context()
    s = context.socket(zmq.DEALER)
    s.setsockopt(zmq.HEARTBEAT_IVL, 50)
    s.setsockopt(zmq.HEARTBEAT_TIMEOUT, 500)
    monitor = s.get_monitor_socket(zmq.EVENT_DISCONNECTED)
    s.connect("tcp://127.0.0.1:%d" % ports(kernel)[0])
    assert not monitor.poll(2000), "the connection was dropped"
    s.disable_monitor()
    s.close(linger=0)
    monitor.close(linger=0)


def test_client_that_comes_back_hears_again(kernel):
    kernel.run("CREATE TABLE kept AS SELECT 42 AS x")
    for _ in range(5):
        again = kernel.client()
        assert "42" in kernel.run("FROM kept", kc=again).text()
        again.stop_channels()


def test_soak(kernel):
    """Some thousand cells of every kind: memory, threads and open files stay where they are."""
    cells = [
        "SELECT %d AS i, 'x' || %d AS s",
        "CREATE OR REPLACE TABLE t AS SELECT i, i * %d AS v FROM range(1000) r(i)",
        "SELECT * FROM t WHERE v > %d",
        "SELECT nothing_%d FROM t",
        "%%params n=%d\nSELECT $n",
        "%%chart bar x=i y=v\nSELECT i, v + %d AS v FROM t LIMIT 20",
        "BEGIN; INSERT INTO t VALUES (%d, 1); ROLLBACK",
        "SELECT [%d], {'a': 1}, now()",
    ]

    def round_of(n):
        for at in range(0, n, 100):
            ids = []
            for i in range(at, at + 100):
                code = cells[i % len(cells)]
                ids.append(kernel.send(code.replace("%d", str(i)).replace("%%", "%"), stop_on_error=False))
            kernel.collect(ids, timeout=120)
            kernel.kc.complete("SELECT * FROM t WHERE ", 22)
            kernel.kc.get_shell_msg(timeout=10)
            sub = kernel.control("create_subshell_request")["subshell_id"]
            kernel.collect([kernel.send("SELECT 1", subshell=sub)])
            kernel.control("delete_subshell_request", {"subshell_id": sub})

    process = psutil.Process(kernel.pid)
    round_of(1000)
    before, threads, files = memory(kernel), process.num_threads(), process.num_fds()
    round_of(3000)
    assert memory(kernel) < before + 25
    assert process.num_threads() <= threads + 3
    assert process.num_fds() <= files + 2


def test_reading_a_large_result_is_bounded(start, tmp_path):
    kernel = start(env={"SEXTANT_RESULTS": str(tmp_path)})
    out = kernel.run("SELECT i, i * 2 AS j, 'row ' || i AS s FROM range(5000000) r(i)", timeout=120, metadata={"sextant": {"store_result": {}}})
    assert out.status == "ok", out.text()
    assert out.data()["metadata"]["sextant"]["result"]["rows"] == 5_000_000
    assert peak(kernel) < 250


def test_large_rows_come_in_pieces(kernel):
    out = kernel.run("SELECT i, repeat('é', 800000) AS s, [repeat('y', 10)] AS l FROM range(1600) r(i)", timeout=120)
    assert out.status == "ok"
    meta = out.data()["metadata"]["sextant"]
    assert meta["rows"] > 0 and (meta["more"] or meta["rows"] == 1000)


def test_pieces_are_the_whole(kernel, tmp_path):
    """A result cut into pieces is what it was, with nulls, lists and structs of strings in it."""
    import duckdb

    sql = ("SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE repeat(chr((97 + i % 26)::INTEGER), 20000) END AS s, [repeat('a', i), NULL] AS l, "
           "{'x': repeat('b', i * 7), 'y': i} AS st, MAP {i: repeat('c', 3000)} AS m FROM range(5000) r(i)")
    out = kernel.run(sql, timeout=120, metadata={"sextant": {"store_result": {"dir": str(tmp_path)}}})
    assert out.status == "ok", out.text()
    path = out.data()["metadata"]["sextant"]["result"]["path"]
    want = duckdb.sql("SELECT count(*), sum(hash(i, s, l, st, m::VARCHAR)::HUGEINT) FROM (%s)" % sql).fetchone()
    assert duckdb.sql("SELECT count(*), sum(hash(i, s, l, st, m::VARCHAR)::HUGEINT) FROM '%s'" % path).fetchone() == want


def test_error_after_the_rows_shown_is_told(kernel):
    out = kernel.run("SELECT CASE WHEN i = 1500 THEN error('late') ELSE i END AS i FROM range(3000) r(i)")
    assert out.status == "error" and "late" in out.reply["evalue"]


@pytest.fixture(scope="module")
def many_tables(tmp_path_factory):
    import duckdb

    file = tmp_path_factory.mktemp("many") / "many.duckdb"
    with duckdb.connect(file) as db:
        columns = ", ".join("column_%d INTEGER" % c for c in range(50))
        for n in range(0, 5000, 100):
            db.execute(";".join("CREATE TABLE table_%d (%s)" % (i, columns) for i in range(n, n + 100)))
    return file


@pytest.mark.parametrize("run", ["idle", "busy"])
def test_completion_with_many_tables(kernel, many_tables, run):
    kernel.run("%%attach '%s' as many" % many_tables)
    request = None
    if run == "busy":
        request = kernel.send("SELECT count(*) FROM range(100000000000) r(i) WHERE hash(i) % 7 = 1")
        kernel.wait_output(request, "display_data")
    for code, want in [("SELECT * FROM many.table_49", "many.table_49"), ("SELECT  FROM many.table_4321", "column_49"), ("SELECT x.col FROM many.table_17 x", "column_0")]:
        at = len(code) if "FROM many.table_49" in code else code.index(" FROM")
        kernel.kc.complete(code, at)
        reply = kernel.kc.get_shell_msg(timeout=5)["content"]
        assert any(want.split(".")[-1] in m for m in reply["matches"]), (code, reply["matches"][:5])
    if request:
        kernel.control("interrupt_request")
        kernel.collect([request])


def test_nothing_is_left_behind(tmp_path):
    k = Kernel(env={"TMPDIR": str(tmp_path)})
    k.run("CREATE TABLE t AS SELECT range AS i FROM range(1000)")
    k.kc.shutdown()
    psutil.Process(k.pid).wait(timeout=10)
    assert os.listdir(tmp_path) == []
    k.close()
