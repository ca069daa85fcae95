"""What sessions use is booked, and told to whom it belongs."""

import os
import subprocess
import threading
import time

import pytest

from channels import Channels
from servers import ROOT, start_sextant, stop, user


def test_usage(tmp_path):
    peer = start_sextant(tmp_path / "data")
    ana = user(peer, "usage-ana@x.org")
    k = ana.want(201, "POST", "api/kernels", {"name": "sextant"})["id"]
    c = Channels(ana, k)
    for _ in range(3):
        c.run("SELECT sum(range) FROM range(10000000)")
    c.close()
    session = ana.want(200, "GET", "v1/sessions")["items"][0]
    assert ana.want(200, "GET", f"v1/sessions/{session['id']}")["cpuSeconds"] > 0
    assert peer.do("GET", f"v1/sessions/{session['id']}").status_code == 200  # an administrator
    bob = user(peer, "usage-bob@x.org")
    assert bob.do("GET", f"v1/sessions/{session['id']}").status_code == 404
    assert bob.do("GET", "v1/sessions?all=true").status_code == 403
    stop(peer)  # which books what is not booked yet
    peer = start_sextant(tmp_path / "data", execution_price="EUR 3600")
    ana, bob = peer.as_user(ana.token, ana.home), peer.as_user(bob.token, bob.home)
    (own,) = ana.want(200, "GET", "v1/usage")["items"]
    assert own["executions"] == 3 and own["executionSeconds"] > 0 and own["cpuSeconds"] > 0 and own["peakBytes"] > 1 << 20
    assert own["cost"] == {"amount": pytest.approx(own["executionSeconds"], abs=1e-4), "currency": "EUR"}
    there = ana.want(200, "GET", f"v1/sessions/{session['id']}")  # taken over, with what it has used
    assert there["executionSeconds"] == pytest.approx(own["executionSeconds"], abs=1e-4) and there["cost"]["amount"] == pytest.approx(there["executionSeconds"], abs=1e-4)
    assert bob.want(200, "GET", "v1/usage")["items"] == []
    assert bob.do("GET", "v1/usage?user=*").status_code == 403 and bob.do("GET", "v1/usage?user=user:usage-ana@x.org").status_code == 403
    assert own in peer.want(200, "GET", "v1/usage?user=*")["items"]
    assert ana.do("GET", "v1/usage?from=yesterday").status_code in (400, 422)
    stop(peer)


def test_quotas_of_a_group(tmp_path):
    """Its members' sessions count together; who is over waits in turn, and whose day's processor time is over is told so."""
    config = tmp_path / "sextant.toml"
    config.write_text('[[quota]]\nmember = "group:interns"\nsessions = 1\n\n[[quota]]\nmember = "user:busy@quota.org"\ncpu-hours = 0.00001\n')
    peer = start_sextant(tmp_path / "data", environment={"SEXTANT_CONFIG": str(config)})
    try:
        ana, bo, cy, busy = (user(peer, f"{name}@quota.org") for name in ("ana", "bo", "cy", "busy"))
        peer.want(204, "PUT", "v1/groups/group:interns", {"title": "Interns"}, headers={"Content-Type": "application/json"})
        for name in ("ana", "bo"):
            peer.want(204, "PUT", f"v1/groups/group:interns/members/user:{name}@quota.org")
        ana.want(201, "POST", "api/kernels", {"name": "sextant"})
        second = []
        waits = threading.Thread(target=lambda: second.append(bo.do("POST", "api/kernels", {"name": "sextant"})))
        waits.start()
        cy.want(201, "POST", "api/kernels", {"name": "sextant"})  # whom the quota is not for
        assert waits.is_alive() and not second
        ana.want(204, "DELETE", f"v1/sessions/{ana.want(200, 'GET', 'v1/sessions')['items'][0]['id']}")
        waits.join(20)
        assert second[0].status_code == 201, second[0].text
        kernel = busy.want(201, "POST", "api/kernels", {"name": "sextant"})["id"]
        c = Channels(busy, kernel)
        c.run("SELECT sum(range) FROM range(1000000000)")
        c.close()
        session = busy.want(200, "GET", "v1/sessions")["items"][0]["id"]
        assert busy.want(200, "GET", f"v1/sessions/{session}")["cpuSeconds"] > 0.036  # which measures it
        busy.want(204, "DELETE", f"v1/sessions/{session}")
    finally:
        stop(peer)  # which books it
    peer = start_sextant(tmp_path / "data", environment={"SEXTANT_CONFIG": str(config)})
    try:
        busy = peer.as_user(busy.token, busy.home)
        until = time.monotonic() + 20
        while (refused := busy.do("POST", "api/kernels", {"name": "sextant"})).status_code == 201:  # until the book has been read
            assert time.monotonic() < until
            busy.want(204, "DELETE", f"v1/sessions/{busy.want(200, 'GET', 'v1/sessions')['items'][0]['id']}")
        assert "processor time that there are for a day" in refused.text and "you" in refused.text, refused.text
    finally:
        stop(peer)


def test_a_quota_that_cannot_be_is_told(tmp_path):
    config = tmp_path / "sextant.toml"
    for text, fault in [('[[quota]]\nmember = "interns"\nsessions = 1\n', "interns"), ('[[quota]]\nmember = "group:a"\nsession = 1\n', "quota.session"), ('[[quota]]\nmember = "group:a"\n', "want sessions")]:
        config.write_text(text)
        done = subprocess.run([os.path.join(ROOT, "bin", "sextant"), "config", "check", "--config", str(config)], capture_output=True, text=True, timeout=20)
        assert done.returncode != 0 and fault in done.stderr, done.stderr
