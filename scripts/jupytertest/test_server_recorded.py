"""Cells run on and are recorded with nobody watching, and no save of a page that was away loses what was recorded."""

import copy
import time

import pytest
from servers import notebook
from channels import Channels, open_notebook


@pytest.fixture
def folder(sextant, request):
    name = request.node.name.replace("[", "-").replace("]", "")
    sextant.want(201, "PUT", sextant.contents(name), {"type": "directory"})
    return sextant.as_user(sextant.token, sextant.path(name))


def load(peer, name):
    """What a page gets when it opens a notebook."""
    return peer.want(200, "GET", peer.contents(name) + "?type=notebook&content=1&hash=1")


def check(peer, name):
    """What a page asks before it saves."""
    return peer.want(200, "GET", peer.contents(name) + "?content=0&hash=1")


def save(peer, name, nb):
    return peer.want(200, "PUT", peer.contents(name), {"type": "notebook", "format": "json", "content": nb})


def outputs(nb, cell=0):
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") or o.get("evalue", "") for o in nb["cells"][cell]["outputs"])


def recorded(peer, name, done):
    """The notebook once done says so; there is no event for what no page has asked for."""
    until = time.monotonic() + 60
    while True:
        m = load(peer, name)
        if done(m["content"]):
            return m
        assert time.monotonic() < until, m["content"]["cells"]
        time.sleep(0.05)


SLOW = "import time\nfor i in range(20):\n    print(i, flush=True)\n    time.sleep(0.05)\n'done'"


def test_a_closed_page_stops_nothing(folder):
    folder.save_notebook("a.ipynb", notebook(SLOW, "1 + 1"))
    before = load(folder, "a.ipynb")
    _, kernel = open_notebook(folder, folder.path("a.ipynb"), "python3")
    page = Channels(folder, kernel)
    first, second = page.execute(SLOW, "c0"), page.execute("1 + 1", "c1")
    page.until(first, "stream")
    page.close()
    after = recorded(folder, "a.ipynb", lambda nb: nb["cells"][1]["outputs"])
    nb = after["content"]
    assert outputs(nb) == "".join(f"{i}\n" for i in range(20)) + "'done'"
    assert nb["cells"][0]["execution_count"] == 1 and outputs(nb, 1) == "2"
    # For pages nothing has changed on disk.
    assert (after["hash"], after["last_modified"]) == (before["hash"], before["last_modified"])
    assert second


def test_a_stale_save_loses_nothing_that_was_recorded(folder):
    folder.save_notebook("a.ipynb", notebook(SLOW, "# mine"))
    tab = load(folder, "a.ipynb")
    _, kernel = open_notebook(folder, folder.path("a.ipynb"), "python3")
    page = Channels(folder, kernel)
    page.until(page.execute(SLOW, "c0"), "stream")
    page.drop()
    recorded(folder, "a.ipynb", lambda nb: "done" in outputs(nb))
    # The tab wakes up, sees no change on disk, and saves what it has, with an edit.
    assert check(folder, "a.ipynb")["hash"] == tab["hash"]
    mine = copy.deepcopy(tab["content"])
    mine["cells"][1]["source"] = "# mine, edited"
    saved = save(folder, "a.ipynb", mine)
    now = load(folder, "a.ipynb")
    assert saved["hash"] == check(folder, "a.ipynb")["hash"] == now["hash"]
    assert now["content"]["cells"][1]["source"] == "# mine, edited"
    assert "done" in outputs(now["content"]), now["content"]["cells"][0]
    # What it saves next is based on that save.
    mine["cells"][1]["source"] = "# again"
    save(folder, "a.ipynb", mine)
    now = load(folder, "a.ipynb")
    assert "done" in outputs(now["content"]) and now["content"]["cells"][1]["source"] == "# again"


def test_a_save_in_the_middle_of_a_run(folder):
    folder.save_notebook("a.ipynb", notebook(SLOW))
    tab = load(folder, "a.ipynb")
    _, kernel = open_notebook(folder, folder.path("a.ipynb"), "python3")
    page = Channels(folder, kernel)
    run = page.execute(SLOW, "c0")
    page.until(run, "stream")
    part = copy.deepcopy(tab["content"])
    part["cells"][0]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "0\n"}]
    save(folder, "a.ipynb", part)
    page.finish(run)
    now = load(folder, "a.ipynb")["content"]
    assert outputs(now).endswith("'done'") and outputs(now).startswith("0\n1\n")
    page.close()


def test_outputs_that_were_cleared_stay_cleared(folder):
    folder.save_notebook("a.ipynb", notebook("1 + 1"))
    tab = load(folder, "a.ipynb")
    _, kernel = open_notebook(folder, folder.path("a.ipynb"), "python3")
    page = Channels(folder, kernel)
    page.run("1 + 1", "c0")
    ran = load(folder, "a.ipynb")
    assert outputs(ran["content"]) == "2"
    # The page has seen it, and clears it: in the tab that ran it, and in one that was opened later.
    save(folder, "a.ipynb", tab["content"])
    until = time.monotonic() + 30
    while outputs(load(folder, "a.ipynb")["content"]):
        # The pong that proves the receipt comes when the client next reads.
        page.finish(page.send("kernel_info_request", {}))
        save(folder, "a.ipynb", tab["content"])
        assert time.monotonic() < until
    page.run("1 + 1", "c0")
    later = load(folder, "a.ipynb")
    assert outputs(later["content"]) == "2"
    later["content"]["cells"][0].update(outputs=[], execution_count=None)
    save(folder, "a.ipynb", later["content"])
    assert outputs(load(folder, "a.ipynb")["content"]) == ""
    page.close()


def test_somebody_elses_edit_is_a_conflict(folder):
    folder.save_notebook("a.ipynb", notebook("1 + 1", "# text"))
    tab = load(folder, "a.ipynb")
    other = load(folder, "a.ipynb")
    other["content"]["cells"][1]["source"] = "# theirs"
    save(folder, "a.ipynb", other["content"])
    assert check(folder, "a.ipynb")["hash"] != tab["hash"]


def test_displays_are_updated_and_streams_resolved(folder):
    code = [
        "from IPython.display import display, HTML\nh = display('old', display_id=True)\nimport sys\nsys.stdout.write('10%\\r20%\\r'); sys.stdout.flush(); print('100%')",
        "h.update('new')\nprint('x')\nfrom IPython.display import clear_output\nclear_output()\nprint('y')",
        "1/0",
    ]
    folder.save_notebook("a.ipynb", notebook(*code))
    _, kernel = open_notebook(folder, folder.path("a.ipynb"), "python3")
    page = Channels(folder, kernel)
    for i, c in enumerate(code):
        page.finish(page.execute(c, f"c{i}"))
    page.close()
    nb = load(folder, "a.ipynb")["content"]
    assert outputs(nb) == "'new'100%\n", nb["cells"][0]["outputs"]
    assert outputs(nb, 1) == "y\n", nb["cells"][1]["outputs"]
    assert nb["cells"][2]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert not nb["metadata"].get("sextant_base", "").startswith(" ")


def test_a_cell_that_was_never_saved_is_kept(folder):
    folder.save_notebook("a.ipynb", notebook("1", "2"))
    _, kernel = open_notebook(folder, folder.path("a.ipynb"))
    page = Channels(folder, kernel)
    page.run("SELECT 1", "c0")
    page.run("SELECT 40 + 2 AS answer", "fresh")
    page.close()
    nb = load(folder, "a.ipynb")["content"]
    assert [c["id"] for c in nb["cells"]] in (["c0", "fresh", "c1"], ["c0", "c1", "fresh"])
    fresh = next(c for c in nb["cells"] if c["id"] == "fresh")
    assert fresh["source"] == "SELECT 40 + 2 AS answer" and "42" in str(fresh["outputs"])


def test_the_mark_is_never_stored(folder):
    folder.save_notebook("a.ipynb", notebook("1"))
    tab = load(folder, "a.ipynb")
    assert "sextant_base" in tab["content"]["metadata"]
    tab["content"]["cells"][0]["source"] = "2"
    save(folder, "a.ipynb", tab["content"])
    raw = folder.get("files/" + folder.path("a.ipynb"))
    assert raw.status_code == 200 and "sextant_base" not in raw.text and '"2"' in raw.text
