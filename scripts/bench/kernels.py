"""Kernels as processes of our own, and a client that adds little to what it measures."""

import json
import os
import signal
import subprocess
import tempfile
import time
import uuid

import psutil
import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

SHOWN = ("display_data", "execute_result", "update_display_data", "stream")


class Run:
    """What one execution gave, and when (seconds after it was sent)."""

    def __init__(self):
        self.reply = None
        self.outputs = []
        self.bytes = 0  # of iopub messages, as they are on the wire
        self.first = None  # when the first output's bytes were there
        self.last = None  # and the last one's
        self.wall = None  # when both the reply and idle were there

    @property
    def status(self):
        return self.reply["content"]["status"]

    def ok(self):
        if self.status != "ok":
            c = self.reply["content"]
            raise RuntimeError(f"{c.get('ename')}: {c.get('evalue')}")
        return self

    def text(self):
        parts = []
        for m in self.outputs:
            c = m["content"]
            parts.append(c["text"] if "text" in c else c["data"].get("text/plain", ""))
        return "\n".join(parts)


def cpu_of(pid):
    """CPU seconds of all threads of a process, also those that have ended."""
    return time.clock_gettime((~pid << 3) | 2)


class Kernel:
    """A kernel process and a client on it. recipe gives argv and environment."""

    def __init__(self, recipe, env=None, cwd=None, quick_connect=True):
        self.recipe = recipe
        self.dir = tempfile.mkdtemp(prefix="sextant-bench-")
        # jupyter_client's sockets look again for a kernel that was not there yet after 100 ms: a grid on which no start
        # can be measured. Here they look after 1 ms.
        self.context = zmq.Context()
        if quick_connect:
            self.context.reconnect_ivl = 1
        fname, _ = write_connection_file(os.path.join(self.dir, "kernel.json"), key=uuid.uuid4().hex.encode())
        with open(fname) as f:
            info = json.load(f)
        argv = [a.replace("{connection_file}", fname) for a in recipe.argv]
        full = {**os.environ, **recipe.env, "JPY_PARENT_PID": str(os.getpid()), **(env or {})}
        self.log = open(os.path.join(self.dir, "log"), "w+")
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            argv, env=full, cwd=cwd or self.dir, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        self.kc = BlockingKernelClient(context=self.context)
        self.kc.load_connection_info(info)
        self.kc.start_channels(stdin=False, hb=False)
        self.shell = self.kc.shell_channel.socket
        self.iopub = self.kc.iopub_channel.socket
        self.iopub.rcvhwm = 0
        self.control = self.kc.control_channel.socket
        self.session = self.kc.session
        self.poller = zmq.Poller()
        for s in (self.shell, self.iopub):
            self.poller.register(s, zmq.POLLIN)

    @property
    def pid(self):
        return self.process.pid

    def receive(self, socket):
        """A message, its size, and when its bytes were there: checking and reading it is the client's affair."""
        parts = socket.recv_multipart()
        now = time.perf_counter()
        _, frames = self.session.feed_identities(parts)
        return self.session.deserialize(frames), sum(map(len, parts)), now

    def wait_reply(self, msg_id, socket=None, timeout=60):
        """Waits for the reply to one request on shell or control, whatever else arrives there."""
        socket = socket or self.shell
        end = time.monotonic() + timeout
        while True:
            if not socket.poll(max(0, end - time.monotonic()) * 1000):
                self.alive()
                raise TimeoutError(f"no reply within {timeout} s")
            msg, _, _ = self.receive(socket)
            if msg["parent_header"].get("msg_id") == msg_id:
                return msg

    def alive(self):
        if self.process.poll() is not None:
            self.log.seek(0)
            raise RuntimeError(f"the kernel ended with {self.process.returncode}: {self.log.read()[-500:]}")

    def request(self, msg_type, content, socket=None, metadata=None):
        msg = self.session.msg(msg_type, content, metadata=metadata)
        self.session.send(socket or self.shell, msg)
        return msg["header"]["msg_id"]

    def execute(self, code, metadata=None):
        body = dict(code=code, silent=False, store_history=True, user_expressions={}, allow_stdin=False, stop_on_error=True)
        return self.request("execute_request", body, metadata=metadata)

    def ready(self, timeout=60):
        """Waits until replies and broadcasts both arrive; begins as wait_for_ready of jupyter_client does."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.wait_reply(self.request("kernel_info_request", {}), timeout=timeout)
            if self.iopub.poll(200):
                while self.iopub.poll(50):
                    self.iopub.recv_multipart()
                return self
        raise TimeoutError("no broadcast")

    def finish(self, msg_id, sent, timeout=600):
        """Collects what an execution gives until its reply and its idle."""
        r, idle = Run(), False
        end = time.monotonic() + timeout
        while r.reply is None or not idle:
            events = self.poller.poll(1000)
            if not events:
                self.alive()
                if time.monotonic() > end:
                    raise TimeoutError(f"not done within {timeout} s")
            for socket, _ in events:
                msg, size, now = self.receive(socket)
                if msg["parent_header"].get("msg_id") != msg_id:
                    continue
                if socket is self.shell:
                    r.reply = msg
                    continue
                r.bytes += size
                if msg["msg_type"] in SHOWN:
                    if r.first is None:
                        r.first = now - sent
                    r.last = now - sent
                    r.outputs.append(msg)
                elif msg["msg_type"] == "status" and msg["content"]["execution_state"] == "idle":
                    idle = True
        r.wall = time.perf_counter() - sent
        return r

    def run(self, code, metadata=None, timeout=600):
        sent = time.perf_counter()
        return self.finish(self.execute(code, metadata), sent, timeout)

    def interrupt(self):
        """Interrupts as Jupyter does for this kernel: by a message, or by a signal."""
        if self.recipe.interrupt == "message":
            self.request("interrupt_request", {}, self.control)
        else:
            self.process.send_signal(signal.SIGINT)

    def cpu(self):
        """CPU seconds of the process and of what it started."""
        total = cpu_of(self.pid)
        for child in psutil.Process(self.pid).children(recursive=True):
            total += cpu_of(child.pid)
        return total

    def private_mb(self):
        """Memory that is this process's alone, in MB."""
        with open(f"/proc/{self.pid}/smaps_rollup") as f:
            kb = sum(int(line.split()[1]) for line in f if line.startswith("Private_"))
        return kb / 1024

    def peak_mb(self):
        """The largest resident set so far, in MB."""
        with open(f"/proc/{self.pid}/status") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024

    def close(self):
        self.kc.stop_channels()
        self.context.destroy(linger=0)
        self.process.terminate()
        try:
            self.process.wait(3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
