"""What sessions use is booked, and told to whom it belongs."""

from channels import Channels
from servers import start_sextant, stop, user


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
    peer = start_sextant(tmp_path / "data")
    ana, bob = peer.as_user(ana.token, ana.home), peer.as_user(bob.token, bob.home)
    (own,) = ana.want(200, "GET", "v1/usage")["items"]
    assert own["executions"] == 3 and own["executionSeconds"] > 0 and own["cpuSeconds"] > 0 and own["peakBytes"] > 1 << 20
    assert bob.want(200, "GET", "v1/usage")["items"] == []
    assert bob.do("GET", "v1/usage?user=*").status_code == 403 and bob.do("GET", "v1/usage?user=user:usage-ana@x.org").status_code == 403
    assert own in peer.want(200, "GET", "v1/usage?user=*")["items"]
    assert ana.do("GET", "v1/usage?from=yesterday").status_code in (400, 422)
    stop(peer)
