"""A client made of jupyter_client and libzmq. Run as: client.py CONNECTION_FILE CASE; exits 0 when the case holds."""
import os, sys, time, threading, traceback
import zmq
from jupyter_client import BlockingKernelClient


def connect(path, heartbeat_ivl=None):
    ctx = zmq.Context()
    if heartbeat_ivl:
        ctx.setsockopt(zmq.HEARTBEAT_IVL, heartbeat_ivl)
        ctx.setsockopt(zmq.HEARTBEAT_TIMEOUT, heartbeat_ivl)
        ctx.setsockopt(zmq.HEARTBEAT_TTL, heartbeat_ivl * 2)
    kc = BlockingKernelClient(connection_file=path, context=ctx)
    kc.load_connection_file()
    kc.start_channels()
    kc.wait_for_ready(timeout=30)
    return kc


def cell(kc, code="1"):
    seen = []

    def hook(msg):
        if msg["msg_type"] != "status":
            seen.append(msg["msg_type"])

    reply = kc.execute_interactive(code, timeout=30, allow_stdin=False, output_hook=hook)
    assert reply["content"]["status"] == "ok", reply
    return seen


def cells(path):
    kc = connect(path)
    for _ in range(50):
        assert cell(kc) == ["execute_result"]
    kc.kernel_info(reply=True, timeout=10)
    assert kc.is_alive()
    kc.stop_channels()


def many(path):
    failed = []

    def one():
        try:
            kc = connect(path)
            for _ in range(5):
                assert cell(kc) == ["execute_result"]
            kc.stop_channels()
        except BaseException as e:
            failed.append(repr(e))

    threads = [threading.Thread(target=one) for _ in range(20)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert not failed, failed


def welcome(path):
    kc = BlockingKernelClient(connection_file=path)
    kc.load_connection_file()
    ctx = zmq.Context()
    for topic in (b"", b"kernel."):
        sub = ctx.socket(zmq.SUB)
        sub.connect(kc._make_url("iopub"))
        sub.subscribe(topic)
        assert sub.poll(20000), "no welcome"
        ids, parts = kc.session.feed_identities(sub.recv_multipart())
        msg = kc.session.deserialize(parts)
        assert ids == [topic], ids
        assert msg["msg_type"] == "iopub_welcome" and msg["content"] == {"subscription": topic.decode()}, msg
        sub.close(0)


def heartbeat(path):
    """libzmq sockets that ping each 100 ms and give up after 100 ms see no disconnection for three seconds."""
    kc = connect(path, heartbeat_ivl=100)
    mons = [ch.socket.get_monitor_socket() for ch in (kc.shell_channel, kc.control_channel, kc.stdin_channel, kc.iopub_channel)]
    end = time.monotonic() + 3
    from zmq.utils.monitor import recv_monitor_message
    poller = zmq.Poller()
    for m in mons:
        poller.register(m, zmq.POLLIN)
    while time.monotonic() < end:
        for m, _ in poller.poll(100):
            ev = recv_monitor_message(m)
            assert ev["event"] not in (zmq.EVENT_DISCONNECTED, zmq.EVENT_CLOSED), ev
    assert cell(kc) == ["execute_result"]
    kc.stop_channels()


def stdin(path):
    kc = connect(path)

    def answer(msg):
        assert msg["content"] == {"prompt": "who? ", "password": False}, msg
        kc.input("me")

    reply = kc.execute_interactive("input", timeout=30, allow_stdin=True, stdin_hook=answer)
    assert reply["content"]["status"] == "ok" and reply["content"]["user_expressions"] == {"got": "me"}, reply
    kc.stop_channels()


def forged(path):
    kc = connect(path)
    real = kc.session.key
    kc.session.key = b"another key"
    kc.shell_channel.send(kc.session.msg("kernel_info_request"))
    kc.session.key = real
    msg = kc.session.msg("kernel_info_request")
    kc.shell_channel.send(msg)
    kc.shell_channel.send(msg)  # a replay
    kc.shell_channel.socket.send_multipart([b"<IDS|MSG>", b"", b"not", b"a", b"message", b"\xff"])
    kc.shell_channel.socket.send_multipart([b"x"] * 100)
    reply = kc.shell_channel.get_msg(timeout=20)
    assert reply["parent_header"]["msg_id"] == msg["header"]["msg_id"], reply
    assert cell(kc) == ["execute_result"]  # and no second reply came before
    kc.stop_channels()


def speed(path):
    kc = connect(path)
    took = []
    for _ in range(300):
        t = time.perf_counter()
        cell(kc)
        took.append(time.perf_counter() - t)
    took.sort()
    print("cell p50 %.2f ms p99 %.2f ms" % (took[150] * 1e3, took[297] * 1e3))
    for code in ("flood", "big", "big", "big"):
        t = time.perf_counter()
        n = len(cell(kc, code))
        d = time.perf_counter() - t
        print("%s: %d messages in %.1f ms, %.0f/s" % (code, n, d * 1e3, n / d))
    kc.stop_channels()


try:
    globals()[sys.argv[2]](sys.argv[1])
except BaseException:
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
sys.stdout.flush()
os._exit(0)  # libzmq waits for open sockets otherwise
