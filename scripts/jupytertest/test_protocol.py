"""The protocol beyond what jupyter_kernel_test can see."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from conftest import Kernel

LONG = "SELECT count(*) FROM range(100000000000) r(i) WHERE hash(i) % 7 = 1"
CANCELLED = {
    "scan": LONG,
    "sort": "SELECT * FROM range(100000000000) r(i) ORDER BY hash(i)",
    "join": "SELECT count(*) FROM range(3000000000) a(i), range(10000000) b(j) WHERE hash(i) = hash(j) + 1",
    "ctas": "CREATE TABLE big AS SELECT hash(i) AS h FROM range(100000000000) r(i)",
    "recursive": "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
    "copy": "COPY (SELECT hash(i) AS h FROM range(100000000000) r(i)) TO '/dev/null' (FORMAT csv)",
}


def begun(kernel, request):
    """Waits until the statement's progress is shown: it runs."""
    kernel.wait_output(request, "display_data")


@pytest.mark.parametrize("name", sorted(CANCELLED))
def test_interrupt_stops_and_spares(kernel, name):
    kernel.run("CREATE TABLE kept AS SELECT 7 AS seven; SET VARIABLE v = 'still here'")
    request = kernel.send(CANCELLED[name])
    begun(kernel, request)
    assert kernel.control("interrupt_request")["status"] == "ok"
    out = kernel.collect([request])[request]
    assert out.status == "error" and out.reply["ename"] == "KeyboardInterrupt"
    # Interrupting again, with nothing running, must not hit what comes next.
    kernel.control("interrupt_request")
    after = kernel.run("SELECT seven, getvariable('v') FROM kept")
    assert after.status == "ok" and "still here" in after.text()


def test_sigint_interrupts(kernel):
    request = kernel.send(LONG)
    begun(kernel, request)
    os.kill(kernel.pid, signal.SIGINT)
    assert kernel.collect([request])[request].status == "error"
    assert kernel.run("SELECT 1").status == "ok"


def test_failure_aborts_what_is_queued(kernel):
    # The first takes long enough for the rest to be there when the second fails.
    ids = [kernel.send(c) for c in ["SELECT count(*) FROM range(300000000)", "SELECT nope", "CREATE TABLE never (a INTEGER)", "SELECT 3"]]
    out = kernel.collect(ids)
    assert [out[i].status for i in ids] == ["ok", "error", "aborted", "aborted"]
    assert "never" not in kernel.run("%tables").text()
    ids = [kernel.send(c, stop_on_error=False) for c in ["SELECT nope", "SELECT 2"]]
    out = kernel.collect(ids)
    assert [out[i].status for i in ids] == ["error", "ok"]


def test_control_and_looks_do_not_wait_for_a_cell(kernel):
    kernel.run("CREATE TABLE some_table (some_column INTEGER)")
    request = kernel.send(LONG)
    begun(kernel, request)
    assert kernel.control("kernel_info_request")["status"] == "ok"
    for msg_type, content in [
        ("kernel_info_request", {}),
        ("complete_request", {"code": "SELECT some_ FROM some_table", "cursor_pos": 12}),
        ("inspect_request", {"code": "some_table", "cursor_pos": 3, "detail_level": 0}),
        ("is_complete_request", {"code": "SELECT 1;"}),
        ("comm_info_request", {}),
        ("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True}),
    ]:
        msg = kernel.kc.session.msg(msg_type, content)
        kernel.kc.shell_channel.send(msg)
        reply = kernel.kc.get_shell_msg(timeout=5)
        assert reply["parent_header"]["msg_id"] == msg["header"]["msg_id"]
        assert reply["content"]["status"] in ("ok", "complete"), msg_type
        if msg_type == "complete_request":
            assert "some_column" in reply["content"]["matches"]
        if msg_type == "inspect_request":
            assert reply["content"]["found"]
    kernel.control("interrupt_request")
    kernel.collect([request])


def test_busy_and_idle_around_every_request(kernel):
    msg = kernel.kc.session.msg("complete_request", {"code": "sel", "cursor_pos": 3})
    kernel.kc.shell_channel.send(msg)
    states = []
    while states[-1:] != ["idle"]:
        m = kernel.kc.get_iopub_msg(timeout=5)
        if m["parent_header"].get("msg_id") == msg["header"]["msg_id"]:
            states.append(m["content"]["execution_state"])
    assert states == ["busy", "idle"]


def test_subshells_run_at_once_and_apart(kernel):
    info = kernel.control("kernel_info_request")
    assert "kernel subshells" in info["supported_features"]
    kernel.run("CREATE TABLE shared (a INTEGER)")
    one = kernel.control("create_subshell_request")["subshell_id"]
    two = kernel.control("create_subshell_request")["subshell_id"]
    assert sorted(kernel.control("list_subshell_request")["subshell_id"]) == sorted([one, two])
    running = kernel.send(LONG)
    begun(kernel, running)
    a = kernel.send("CREATE TEMP TABLE mine AS SELECT 1 AS x; BEGIN; INSERT INTO shared VALUES (1); SELECT count(*) AS n FROM shared", subshell=one)
    out = kernel.collect([a])[a]
    assert out.status == "ok" and out.reply["execution_count"] == 1
    b = kernel.send("SELECT count(*) AS n FROM shared", subshell=two)
    assert "     0 │" in kernel.collect([b])[b].text()
    c = kernel.send("FROM mine", subshell=two)
    assert kernel.collect([c])[c].status == "error"
    # An interrupt is for one subshell only.
    d = kernel.send(LONG, subshell=one)
    begun(kernel, d)
    assert kernel.control("interrupt_request", subshell=one)["status"] == "ok"
    assert kernel.collect([d])[d].status == "error"
    assert kernel.control("delete_subshell_request", {"subshell_id": one})["status"] == "ok"
    assert kernel.control("delete_subshell_request", {"subshell_id": one})["status"] == "error"
    gone = kernel.send("SELECT 1", subshell=one)
    assert kernel.collect([gone])[gone].status == "error"
    kernel.control("interrupt_request")
    assert kernel.collect([running])[running].status == "error"


def test_password_is_asked_and_never_shown(kernel):
    request = kernel.send("%connect postgres://ana@127.0.0.1:1/shop as shop", allow_stdin=True)
    ask = kernel.kc.get_stdin_msg(timeout=10)
    assert ask["content"]["password"] and "ana" in ask["content"]["prompt"]
    kernel.kc.input("s3cr3t-word")
    out = kernel.collect([request])[request]
    assert out.status == "error"
    assert "s3cr3t-word" not in out.text() and "s3cr3t-word" not in str(out.reply)
    out = kernel.run("%connect postgres://ana@127.0.0.1:1/shop as shop")
    assert out.status == "error" and "password_env" in out.text()


def test_input_can_be_interrupted(kernel):
    request = kernel.send("%connect postgres://ana@127.0.0.1:1/shop as shop", allow_stdin=True)
    kernel.kc.get_stdin_msg(timeout=10)
    kernel.control("interrupt_request")
    assert kernel.collect([request])[request].status == "error"


def test_comms_are_refused(kernel):
    msg = kernel.kc.session.msg("comm_open", {"comm_id": "c1", "target_name": "jupyter.widget", "data": {}})
    kernel.kc.shell_channel.send(msg)
    closed = kernel.wait_output(msg["header"]["msg_id"], "comm_close")
    assert closed["content"]["comm_id"] == "c1"


def test_unknown_and_broken_requests_do_no_harm(kernel):
    for msg_type, content in [("no_such_request", {}), ("execute_request", {"code": 7}), ("complete_request", {"code": "x", "cursor_pos": -5}), ("history_request", {"hist_access_type": "??"})]:
        msg = kernel.kc.session.msg(msg_type, content)
        kernel.kc.shell_channel.send(msg)
        reply = kernel.kc.get_shell_msg(timeout=5)
        assert reply["parent_header"]["msg_id"] == msg["header"]["msg_id"]
        assert reply["content"]["status"] in ("ok", "error")
    assert kernel.run("SELECT 1").status == "ok"


def test_bad_signature_is_dropped(kernel):
    good = kernel.kc.session.key
    kernel.kc.session.key = b"wrong"
    kernel.send("CREATE TABLE forged (a INTEGER)")
    kernel.kc.session.key = good
    assert "forged" not in kernel.run("%tables").text()


def test_history_is_kept_across_kernels(start, tmp_path):
    env = {"SEXTANT_HISTORY": str(tmp_path / "history.jsonl")}
    first = start(env=env)
    first.run("SELECT 'from the first kernel'")
    first.run("SELECT 'silent'", silent=True)
    second = start(env=env)
    second.run("SELECT 'from the second'")
    second.kc.history(raw=True, output=False, hist_access_type="search", pattern="*first kernel*", n=5)
    found = second.kc.get_shell_msg(timeout=5)["content"]["history"]
    assert [h[2] for h in found] == ["SELECT 'from the first kernel'"] and found[0][0] == 1
    second.kc.history(raw=True, output=True, hist_access_type="tail", n=5)
    tail = second.kc.get_shell_msg(timeout=5)["content"]["history"]
    assert [h[0] for h in tail] == [1, 2] and "from the second" in tail[1][2][1]


def test_shutdown_and_restart(kernel):
    assert kernel.control("shutdown_request", {"restart": False})["status"] == "ok"
    kernel.km.provisioner.process.wait(10)
    other = Kernel()
    try:
        other.km.restart_kernel(now=False)
        other.kc.wait_for_ready(timeout=30)
        assert other.run("SELECT 1").status == "ok"
    finally:
        other.close()


def test_many_clients_see_everything(kernel):
    clients = [kernel.client() for _ in range(20)]
    try:
        request = kernel.send("SELECT 'seen by all' AS x")
        for kc in clients:
            assert "seen by all" in kernel.wait_output(request, "execute_result", kc=kc)["content"]["data"]["text/plain"]
        requests = [(kc, kernel.send("SELECT %d AS n" % i, kc=kc)) for i, kc in enumerate(clients)]
        for i, (kc, request) in enumerate(requests):
            assert str(i) in kernel.collect([request], kc=kc)[request].text()
    finally:
        for kc in clients:
            kc.stop_channels()
    again = kernel.client()
    assert kernel.run("SELECT 1", kc=again).status == "ok"
    again.stop_channels()


def test_ipc(start):
    k = start(transport="ipc")
    assert k.run("SELECT 1").status == "ok"


def test_kernel_ends_with_its_parent(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "from jupyter_client.manager import start_new_kernel\n"
        "import os, sys\n"
        "km, kc = start_new_kernel(kernel_name='sextant')\n"
        "print(km.provisioner.pid, flush=True)\n"
        "os._exit(1)\n"
    )
    out = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=60)
    try:
        psutil.Process(int(out.stdout)).wait(10)
    except psutil.NoSuchProcess:
        pass


def test_bad_connection_file_is_a_clear_error(tmp_path):
    file = tmp_path / "connection.json"
    file.write_text("{}")
    out = subprocess.run([os.path.join(os.path.dirname(sys.executable), "sextant-kernel"), "-f", str(file)], capture_output=True, text=True, timeout=20)
    assert out.returncode != 0 and "goroutine" not in out.stderr and out.stderr.strip()
