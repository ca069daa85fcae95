"""Jobs: documents and statements executed with nobody watching."""

import json
import signal

import psutil
import pytest
import requests
from servers import notebook, start_sextant, stop


def events(peer, job, after=""):
    """What happens in a job, until its end."""
    while True:
        ended = False
        headers = {"Accept": "application/x-ndjson", "Authorization": "token " + peer.token}
        with requests.get(f"{peer.url}v1/jobs/{job}/events", headers=headers, stream=True, timeout=60) as r:
            assert r.status_code == 200, r.text
            for line in r.iter_lines():
                if line:
                    e = json.loads(line)
                    ended = e["kind"] == "job" and e["job"]["state"] in ("succeeded", "failed", "cancelled")
                    yield e
        if ended:
            return


def run(peer, **request):
    return peer.want(202, "POST", "v1/jobs", request)


def finish(peer, job):
    """The job when it has ended, and its notebook."""
    for _ in events(peer, job["id"]):
        pass
    return peer.want(200, "GET", "v1/jobs/" + job["id"]), peer.want(200, "GET", f"v1/jobs/{job['id']}/notebook")


def said(cell):
    parts = [o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "") for o in cell["outputs"]]
    return "".join("".join(p) for p in parts)


def identify(peer, name):
    return peer.want(200, "GET", f"v1/resolve?path=/{peer.path(name)}")["id"]


@pytest.fixture
def folder(sextant, request):
    name = request.node.name.replace("[", "-").replace("]", "")
    sextant.want(201, "PUT", sextant.contents(name), {"type": "directory"})
    return sextant.as_user(sextant.token, sextant.path(name))


def saved(peer, name, nb):
    peer.save_notebook(name, nb)
    return identify(peer, name)


def load(peer, name):
    return peer.want(200, "GET", peer.contents(name) + "?type=notebook&content=1")["content"]


def test_a_statement(sextant):
    job = run(sextant, statement="SELECT 6 * 7 AS answer, $who AS who", parameters={"who": "it's me"})
    assert job["state"] == "queued" and job["cells"] == 2 and "document" not in job
    done, nb = finish(sextant, job)
    assert done["state"] == "succeeded" and done["done"] == 2 and done["startedAt"] <= done["endedAt"], done
    assert "42" in said(nb["cells"][-1]) and "it's me" in said(nb["cells"][-1])
    assert nb["metadata"]["kernelspec"]["name"] == "sextant"
    assert sextant.want(200, "GET", "v1/jobs?limit=1")["items"][0]["id"] == job["id"]
    sextant.want(204, "DELETE", "v1/jobs/" + job["id"])
    sextant.want(404, "GET", "v1/jobs/" + job["id"])


def test_parameters_in_the_language_of_the_kernel(sextant):
    done, nb = finish(sextant, run(sextant, statement="print(who, n)", kernel="python3", parameters={"who": "it's me", "n": [1, None]}))
    assert done["state"] == "succeeded" and done["cells"] == 2, done
    assert said(nb["cells"][1]) == "it's me [1, None]\n" and nb["cells"][0]["metadata"]["tags"] == ["injected-parameters"]
    assert "another language" in sextant.want(400, "POST", "v1/jobs", {"statement": "1", "kernel": "julia", "parameters": {"x": 1}})["detail"]


def test_a_statement_in_python_that_fails(sextant):
    job = run(sextant, statement="print('before')\n1 / 0", kernel="python3")
    seen = list(events(sextant, job["id"]))
    assert [e["state"] for e in seen if e["kind"] == "cell"] == ["running", "failed"]
    assert [e["output"]["output_type"] for e in seen if e["kind"] == "output"] == ["stream", "error"]
    assert [e["job"]["state"] for e in seen if e["kind"] == "job"][-1] == "failed"
    done, nb = finish(sextant, job)
    assert done["errorName"] == "ZeroDivisionError" and done["error"] == "division by zero" and done["failedCell"] == "script"
    assert said(nb["cells"][0]) == "before\ndivision by zero"


def test_a_notebook_with_parameters_leaves_the_document_alone(folder):
    nb = notebook("region = 'EU'\nn = 1", "print(region, n, flags)", outputs=[{"output_type": "stream", "name": "stdout", "text": "old\n"}])
    nb["cells"][0]["metadata"]["tags"] = ["parameters"]
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    document = saved(folder, "a.ipynb", nb)
    job = run(folder, document=document, parameters={"region": "US ü\n'", "n": 2.5, "flags": {"a": [True, None]}})
    done, executed = finish(folder, job)
    assert done["state"] == "succeeded", done
    assert executed["cells"][1]["metadata"]["tags"] == ["injected-parameters"]
    assert said(executed["cells"][2]) == "US ü\n' 2.5 {'a': [True, None]}\n"
    assert executed["cells"][2]["execution_count"] == 3
    assert said(load(folder, "a.ipynb")["cells"][1]) == "old\n"
    assert [j["id"] for j in folder.want(200, "GET", "v1/jobs?document=" + document)["items"]] == [job["id"]]


def test_outputs_into_the_document_by_cell(folder):
    nb = notebook("a = 1", "print(a)", "print('not asked for')")
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    document = saved(folder, "a.ipynb", nb)
    done, _ = finish(folder, run(folder, document=document, inDocument=True, cells=["c1", "c0"]))
    assert done["state"] == "succeeded" and done["cells"] == 2, done
    cells = load(folder, "a.ipynb")["cells"]
    assert [said(c) for c in cells] == ["", "1\n", ""]
    history = folder.want(200, "GET", f"v1/resources/{document}/revisions")["items"]
    assert history[0]["origin"] == "run"
    folder.want(400, "POST", "v1/jobs", {"document": document, "cells": ["none"]})
    folder.want(400, "POST", "v1/jobs", {"document": document, "inDocument": True, "parameters": {"x": 1}})


def test_a_script_with_a_header(folder):
    folder.save_text("q.sql", "-- ---\n-- parameters:\n--   region: VARCHAR = 'EU'\n--   since: DATE\n-- ---\nSELECT $region AS r, year($since) AS y;\nSELECT 'second' AS s;\n")
    document = identify(folder, "q.sql")
    assert "since has no value" in folder.want(400, "POST", "v1/jobs", {"document": document})["detail"]
    assert "none called nope" in folder.want(400, "POST", "v1/jobs", {"document": document, "parameters": {"since": "2024-01-02", "nope": 1}})["detail"]
    done, nb = finish(folder, run(folder, document=document, parameters={"since": "2024-01-02"}))
    assert done["state"] == "succeeded" and done["title"] == "q.sql", done
    text = said(nb["cells"][1])
    assert "EU" in text and "2024" in text and "second" in text


def test_files_beside_the_document_are_there(folder):
    folder.save_text("data.csv", "a,b\n1,2\n")
    nb = notebook("SELECT a + b AS sum FROM 'data.csv'")
    nb["metadata"]["kernelspec"] = {"name": "sextant", "language": "sql", "display_name": "SQL"}
    done, executed = finish(folder, run(folder, document=saved(folder, "a.ipynb", nb)))
    assert done["state"] == "succeeded" and "3" in said(executed["cells"][0]), (done, executed)


def test_cells_that_may_fail_and_what_comes_after_one_that_may_not(folder):
    nb = notebook("1 / 0", "print('on')", "1 / 0", "print('never')")
    nb["cells"][0]["metadata"]["tags"] = ["raises-exception"]
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    done, executed = finish(folder, run(folder, document=saved(folder, "a.ipynb", nb)))
    assert done["state"] == "failed" and done["failedCell"] == "c2" and done["done"] == 2
    assert [said(c) for c in executed["cells"]] == ["division by zero", "on\n", "division by zero", ""]


@pytest.mark.parametrize("kernel,code", [("python3", "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)"),
                                         ("sextant", "%echo begun\nSELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range + b.range + c.range = 7")])
def test_cancelling(sextant, kernel, code):
    job = run(sextant, statement=code, kernel=kernel)
    for e in events(sextant, job["id"]):
        if e["kind"] == "output" and "begun" in json.dumps(e):
            assert sextant.want(202, "POST", f"v1/jobs/{job['id']}/cancel")["cancelledAt"]
    done, nb = finish(sextant, job)
    assert done["state"] == "cancelled" and "error" not in done, done
    assert "begun" in said(nb["cells"][0])
    sextant.want(202, "POST", f"v1/jobs/{job['id']}/cancel")  # is no error
    assert not [s for s in sextant.want(200, "GET", "v1/sessions")["items"] for d in s["documents"] if job["id"] in d.get("document", "")]


def test_a_time_that_is_over_and_a_kernel_that_dies(sextant):
    done, _ = finish(sextant, run(sextant, statement="import time\nwhile True: time.sleep(0.1)", kernel="python3", timeoutSeconds=1))
    assert done["state"] == "failed" and "1s" in done["error"], done
    done, _ = finish(sextant, run(sextant, statement="import os, signal\nprint('x', flush=True)\nos.kill(os.getpid(), signal.SIGKILL)", kernel="python3"))
    assert done["state"] == "failed" and done["errorName"] == "KernelDied" and "existing" not in done["error"], done
    done, _ = finish(sextant, run(sextant, statement="1", kernel="no-such-kernel"))
    assert done["state"] == "failed" and "no-such-kernel" in done["error"], done


def test_the_same_request_twice(sextant):
    body, key = {"statement": "SELECT 1"}, {"Idempotency-Key": "nightly"}
    one = sextant.want(202, "POST", "v1/jobs", body, headers=key)
    assert sextant.want(202, "POST", "v1/jobs", body, headers=key)["id"] == one["id"]
    sextant.want(400, "POST", "v1/jobs", {"statement": "SELECT 2"}, headers=key)
    finish(sextant, one)


def test_whose_jobs_they_are(sextant, folder):
    def user(name):
        sextant.want(204, "PUT", f"v1/principals/user:{name}", {"displayName": name})
        token = sextant.want(201, "POST", "v1/tokens", {"name": "t", "principal": f"user:{name}"})["secret"]
        return sextant.as_user(token, "home/" + name)

    runner, reader = user("runner@jobs.org"), user("reader@jobs.org")
    nb = notebook("print('ran')")
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    document = saved(folder, "a.ipynb", nb)
    reader.want(404, "POST", "v1/jobs", {"document": document})
    policy = folder.want(200, "GET", f"v1/resources/{document}/iam-policy")

    def share(*bindings):
        nonlocal policy
        policy = folder.want(200, "PUT", f"v1/resources/{document}/iam-policy", {"etag": policy["etag"], "bindings": list(bindings)})

    share({"role": "runner", "members": ["user:runner@jobs.org"]}, {"role": "viewer", "members": ["user:reader@jobs.org"]})
    reader.want(403, "POST", "v1/jobs", {"document": document})
    runner.want(403, "POST", "v1/jobs", {"document": document, "inDocument": True})
    done, executed = finish(runner, run(runner, document=document))
    assert done["state"] == "succeeded" and said(executed["cells"][0]) == "ran\n"
    for path in ("", "/notebook", "/events"):
        reader.want(404, "GET", f"v1/jobs/{done['id']}{path}")
        folder.want(404, "GET", f"v1/jobs/{done['id']}{path}")
    reader.want(404, "POST", f"v1/jobs/{done['id']}/cancel")
    reader.want(404, "DELETE", f"v1/jobs/{done['id']}")
    assert reader.want(200, "GET", "v1/jobs")["items"] == []
    # Who may no longer read the document has no part in what it gave, and is not told its name.
    share()
    runner.want(404, "GET", f"v1/jobs/{done['id']}/notebook")
    assert [j.get("title") for j in runner.want(200, "GET", "v1/jobs")["items"]] == [None]


SLOW = "import time, os\nprint(os.getpid(), flush=True)\ntime.sleep(0.5)\nx = globals().get('x', 0) + 1\nprint('x is', x)"


def test_a_job_goes_on_when_the_server_is_killed(tmp_path):
    """The kernel runs on; no cell is executed twice or left out, whenever the server is killed."""
    peer = start_sextant(tmp_path / "data", environment={"SEXTANT_SESSION_ORPHAN": "60s"})
    peer.get("api/contents")
    nb = notebook(*[SLOW] * 6)
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    document = saved(peer, "a.ipynb", nb)
    job = run(peer, document=document, inDocument=True)
    statement = run(peer, statement="SELECT 'sql' AS x")
    for e in events(peer, job["id"]):
        if e["kind"] == "cell" and e["state"] == "running":
            break
    for _ in range(3):
        peer.process.send_signal(signal.SIGKILL)
        peer.process.wait()
        peer = start_sextant(tmp_path / "data", environment={"SEXTANT_SESSION_ORPHAN": "60s"})
        seen = 0
        for e in events(peer, job["id"]):
            seen += e["kind"] == "cell" and e["state"] == "succeeded"
            if seen == 1:
                break
    done, _ = finish(peer, job)
    assert done["state"] == "succeeded", done
    cells = [said(c).split("\n") for c in load(peer, "a.ipynb")["cells"]]
    assert [c[1] for c in cells] == [f"x is {i + 1}" for i in range(6)], cells
    kernel = int(cells[0][0])
    assert {c[0] for c in cells} == {str(kernel)}
    assert [c["execution_count"] for c in load(peer, "a.ipynb")["cells"]] == [1, 2, 3, 4, 5, 6]
    assert finish(peer, statement)[0]["state"] == "succeeded"
    assert not psutil.pid_exists(kernel) or psutil.Process(kernel).status() == psutil.STATUS_ZOMBIE
    # A session that ends while no server is there ends its job.
    job = run(peer, statement="import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(600)", kernel="python3")
    for e in events(peer, job["id"]):
        if e["kind"] == "output":
            break
    peer.process.send_signal(signal.SIGKILL)
    peer.process.wait()
    agent = psutil.Process(int(e["output"]["text"]))
    while "agent" not in agent.cmdline():
        agent = agent.parent()
    agent.kill()
    peer = start_sextant(tmp_path / "data", environment={"SEXTANT_SESSION_ORPHAN": "60s"})
    done, _ = finish(peer, job)
    assert done["state"] == "failed" and "no server was there" in done["error"], done
    stop(peer)
