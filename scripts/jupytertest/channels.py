"""A client of kernels over the websocket, as JupyterLab and others speak it."""

import datetime
import json
import socket
import struct
import urllib.parse
import uuid

import websocket

V1 = "v1.kernel.websocket.jupyter.org"


class Channels:
    """One connection to a kernel; protocol None is the older framing."""

    def __init__(self, peer, kernel, session=None, protocol=V1, timeout=30):
        self.session = session or uuid.uuid4().hex
        url = peer.url.replace("http", "ws", 1) + f"api/kernels/{kernel}/channels?" + urllib.parse.urlencode({"session_id": self.session})
        self.ws = websocket.create_connection(
            url, header=[f"Authorization: token {peer.token}"], subprotocols=[protocol] if protocol else None, timeout=timeout, suppress_origin=True
        )
        self.v1 = protocol == V1
        if protocol:
            assert self.ws.subprotocol == protocol

    def close(self):
        self.ws.close()

    def drop(self):
        """Is gone without a good-bye, as a laptop that sleeps."""
        self.ws.sock.shutdown(socket.SHUT_RDWR)

    def send(self, msg_type, content, channel="shell", metadata=None, parent=None):
        header = {"msg_id": uuid.uuid4().hex, "username": "ana", "session": self.session, "date": now(), "msg_type": msg_type, "version": "5.3"}
        if not self.v1:
            self.ws.send(json.dumps({"header": header, "parent_header": parent or {}, "metadata": metadata or {}, "content": content, "channel": channel, "buffers": []}))
            return header["msg_id"]
        parts = [channel.encode()] + [json.dumps(p).encode() for p in (header, parent or {}, metadata or {}, content)]
        offsets = [8 * (len(parts) + 2)]
        for p in parts:
            offsets.append(offsets[-1] + len(p))
        self.ws.send_binary(struct.pack(f"<{len(offsets) + 1}Q", len(offsets), *offsets) + b"".join(parts))
        return header["msg_id"]

    def execute(self, code, cell=None, **more):
        content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True, **more}
        return self.send("execute_request", content, metadata={"cellId": cell} if cell else {})

    def receive(self, pings=False):
        """The next message; with pings, None for a ping that was answered."""
        opcode, data = self.ws.recv_data(control_frame=pings)
        if opcode in (websocket.ABNF.OPCODE_PING, websocket.ABNF.OPCODE_PONG):
            return None
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            raise websocket.WebSocketConnectionClosedException(data)
        if opcode == websocket.ABNF.OPCODE_TEXT:
            return json.loads(data)
        (n,) = struct.unpack_from("<Q", data)
        offsets = struct.unpack_from(f"<{n}Q", data, 8)
        parts = [data[a:b] for a, b in zip(offsets, offsets[1:])]
        m = dict(zip(("header", "parent_header", "metadata", "content"), map(json.loads, parts[1:5])))
        m["channel"], m["msg_type"], m["buffers"] = parts[0].decode(), m["header"]["msg_type"], parts[5:]
        return m

    def until(self, request, msg_type):
        while True:
            m = self.receive()
            if m["parent_header"].get("msg_id") == request and m["msg_type"] == msg_type:
                return m

    def finish(self, request):
        """All messages of a request, up to its reply and its idle."""
        got, idle, reply = [], False, False
        while not (idle and reply):
            m = self.receive()
            if m["parent_header"].get("msg_id") != request:
                continue
            got.append(m)
            reply = reply or m["msg_type"].endswith("_reply")
            idle = idle or m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"
        return got

    def run(self, code, cell=None, **more):
        return text(self.finish(self.execute(code, cell, **more)))


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def text(messages):
    out = []
    for m in messages:
        c = m["content"]
        if m["msg_type"] == "stream":
            out.append(c["text"])
        elif m["msg_type"] in ("execute_result", "display_data"):
            out.append(c["data"].get("text/plain", ""))
        elif m["msg_type"] == "error":
            out.append(f"{c['ename']}: {c['evalue']}")
    return "".join(out)


def open_notebook(peer, path, kernel="sextant"):
    """A session on a notebook, as a page opens one: (session, kernel id)."""
    s = peer.want(201, "POST", "api/sessions", {"path": path, "name": path.rsplit("/", 1)[-1], "type": "notebook", "kernel": {"name": kernel}})
    return s, s["kernel"]["id"]
