"""Unmodified JupyterLab in a real browser, running cells on Sextant's sessions."""

import time
import urllib.parse

import pytest
from playwright.sync_api import expect
from servers import notebook, share, user
from test_server_browser import Lab, browser, pytestmark  # noqa: F401: fixtures

SLOW = "import time\nfor i in range(30):\n    print(i, flush=True)\n    time.sleep(0.1)\n'the end'"


@pytest.fixture
def person(sextant, request):
    return user(sextant, request.node.name.replace("test_", "").replace("_", "-") + "@sessions.org")


@pytest.fixture
def lab(browser, person):
    one = Lab(browser, person)
    yield one
    one.close()


def with_kernel(*sources, kernel="python3"):
    nb = notebook(*sources)
    nb["metadata"]["kernelspec"] = {"name": kernel, "display_name": kernel}
    return nb


def idle(lab):
    """Until a kernel can run cells: JupyterLab shows idle, and ignores what is run, before it has asked for one."""
    deadline = time.monotonic() + 30
    while not lab.kernel:
        assert time.monotonic() < deadline
        lab.page.wait_for_timeout(50)
    expect(lab.page.locator(".jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=30000)


def cell(lab, i):
    return lab.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-CodeCell").nth(i)


def run(lab, i, keys="Control+Enter"):
    cell(lab, i).locator(".cm-content").click()
    lab.page.keyboard.press(keys)


def stored(peer, name):
    nb = peer.want(200, "GET", peer.contents(name) + "?type=notebook&content=1")["content"]
    return ["".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in c["outputs"]) for c in nb["cells"]]


def until(done):
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_sql_runs_fails_completes_and_stops(lab, person):
    person.save_notebook("a.ipynb", with_kernel("SELECT 40 + 2 AS answer", "SELECT nonsense", "SELECT count(*) FROM range(1000000000000) a, range(1000) b", kernel="sextant"))
    lab.document("a.ipynb")
    idle(lab)
    run(lab, 0)
    expect(cell(lab, 0).locator(".jp-OutputArea-output")).to_contain_text("42")
    run(lab, 1)
    expect(cell(lab, 1).locator(".jp-OutputArea-output")).to_contain_text("nonsense")
    run(lab, 2)
    expect(cell(lab, 2).locator(".jp-InputPrompt")).to_contain_text("[*]")
    lab.page.locator(".jp-NotebookPanel:visible [data-command='notebook:interrupt-kernel'], .jp-NotebookPanel:visible jp-button[title^='Interrupt']").first.click()
    expect(cell(lab, 2).locator(".jp-OutputArea-output")).to_contain_text("nterrupt", timeout=30000)
    cell(lab, 0).locator(".cm-content").click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("SELECT coun")
    lab.page.keyboard.press("Tab")
    expect(lab.page.locator(".jp-Completer")).to_contain_text("count")
    lab.page.keyboard.press("Escape")


def test_restart_forgets_and_goes_on(lab, person):
    person.save_notebook("a.ipynb", with_kernel("x = 41", "x + 1"))
    lab.document("a.ipynb")
    idle(lab)
    run(lab, 0)
    run(lab, 1)
    expect(cell(lab, 1).locator(".jp-OutputArea-output")).to_contain_text("42")
    lab.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    lab.page.locator(".lm-Menu [data-command='kernelmenu:restart']").click()
    with lab.page.expect_response(lambda r: r.url.split("?")[0].endswith("/restart")):
        lab.dialog().locator(".jp-mod-accept").click()
    idle(lab)
    run(lab, 1)
    expect(cell(lab, 1).locator(".jp-OutputArea-output")).to_contain_text("NameError")


def test_a_page_that_was_closed_finds_its_outputs(browser, person):
    person.save_notebook("a.ipynb", with_kernel(SLOW))
    first = Lab(browser, person)
    first.document("a.ipynb")
    idle(first)
    run(first, 0)
    expect(cell(first, 0).locator(".jp-OutputArea-output").first).to_contain_text("2", timeout=30000)
    first.page.close()  # as a tab is closed
    until(lambda: "the end" in stored(person, "a.ipynb")[0])
    again = Lab(browser, person, first.context)
    again.document("a.ipynb")
    expect(cell(again, 0).locator(".jp-OutputArea-output").last).to_contain_text("the end")
    expect(cell(again, 0).locator(".jp-InputPrompt")).to_contain_text("[1]")
    expect(again.dialog()).to_have_count(0)
    again.close()


def test_a_page_that_slept_saves_without_a_question_and_loses_nothing(lab, person):
    person.save_notebook("a.ipynb", with_kernel(SLOW, "# text"))
    lab.document("a.ipynb")
    idle(lab)
    run(lab, 0)
    expect(cell(lab, 0).locator(".jp-OutputArea-output").first).to_contain_text("2", timeout=30000)
    lab.page.context.set_offline(True)
    until(lambda: "the end" in stored(person, "a.ipynb")[0])
    lab.page.context.set_offline(False)
    cell(lab, 1).locator(".cm-content").click()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.type(", edited while away")
    lab.save()
    expect(lab.dialog()).to_have_count(0)
    nb = person.want(200, "GET", person.contents("a.ipynb"))["content"]
    assert nb["cells"][1]["source"] == "# text, edited while away"
    out = stored(person, "a.ipynb")[0]
    assert out == "".join(f"{i}\n" for i in range(30)) + "'the end'", out
    # The page gets what it missed once its connection is back.
    expect(cell(lab, 0).locator(".jp-OutputArea-output").last).to_contain_text("the end", timeout=60000)
    lab.failed = [f for f in lab.failed if "Failed to fetch" not in f and "NetworkError" not in f]


def test_saving_while_cells_run_asks_nothing(lab, person):
    person.save_notebook("a.ipynb", with_kernel(SLOW, "# text"))
    lab.document("a.ipynb")
    idle(lab)
    run(lab, 0)
    for word in ("one", "two", "three"):
        cell(lab, 1).locator(".cm-content").click()
        lab.page.keyboard.press("Control+End")
        lab.page.keyboard.type(" " + word)
        lab.save()
        expect(lab.dialog()).to_have_count(0)
    until(lambda: "the end" in stored(person, "a.ipynb")[0])
    lab.save()
    expect(lab.dialog()).to_have_count(0)
    nb = person.want(200, "GET", person.contents("a.ipynb"))["content"]
    assert nb["cells"][1]["source"] == "# text one two three"
    assert stored(person, "a.ipynb")[0].endswith("'the end'")


def test_another_tabs_edit_is_a_conflict(browser, lab, person):
    person.save_notebook("a.ipynb", with_kernel("1 + 1", "# text"))
    lab.document("a.ipynb")
    idle(lab)
    other = Lab(browser, person, lab.context)
    other.open("lab/workspaces/second/tree/" + person.path("a.ipynb"))
    expect(other.tab("a.ipynb")).to_be_visible()
    idle(other)
    cell(other, 1).locator(".cm-content").click()
    other.page.keyboard.press("Control+End")
    other.page.keyboard.type(" theirs")
    other.save()
    cell(lab, 1).locator(".cm-content").click()
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.type(" mine")
    lab.page.keyboard.press("Control+s")
    expect(lab.dialog()).to_contain_text("changed on disk")
    lab.dialog().get_by_role("button", name="Revert").click()
    other.page.close()


def test_a_shareable_link_leads_to_the_page(sextant, lab, person, browser):
    """What JupyterLab copies as a link opens the stored outputs, for who may read them, without a session."""
    person.save_notebook("linked.ipynb", with_kernel("SELECT 42 AS answer", kernel="sextant"))
    lab.document("linked.ipynb")
    idle(lab)
    run(lab, 0)
    expect(cell(lab, 0).locator(".jp-OutputArea-output")).to_contain_text("42")
    lab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    lab.page.locator(".jp-DirListing-item", has_text="linked.ipynb").click(button="right")
    lab.page.locator(".lm-Menu-item", has_text="Copy Shareable Link").click()
    address = lab.page.evaluate("navigator.clipboard.readText()")
    assert urllib.parse.unquote(address) == f"{person.url}open/lab/tree/{person.path('linked.ipynb')}"
    until(lambda: "42" in stored(person, "linked.ipynb")[0])
    before = len(person.want(200, "GET", "v1/sessions")["items"])
    lab.page.goto(address)
    expect(lab.page.get_by_role("link", name="Open in JupyterLab")).to_be_visible()
    expect(lab.page.get_by_role("cell", name="42")).to_be_visible()
    # Others: once it is shared with them; else it is as if there were nothing.
    other = user(sextant, "other-" + person.home.split("/")[-1])
    path = address[len(person.url):]
    for there in (path, path.replace("linked", "nothing"), "open/lab/tree/Shared%20with%20me/x.ipynb"):
        r = other.get(there, headers={"Accept": "text/html"})
        assert r.status_code == 404 and "not here, or not for you" in r.text, there
    document = share(sextant, person, person.path("linked.ipynb"), "viewer", "other-" + person.home.split("/")[-1])
    r = other.get(path, headers={"Accept": "text/html"})
    assert r.status_code == 303 and r.headers["Location"] == f"/n/{document}"
    shared = other.get("open/lab/tree/Shared%20with%20me/linked.ipynb", headers={"Accept": "text/html"})
    assert shared.headers["Location"] == f"/n/{document}"
    assert other.get(path, token=False, headers={"Accept": "text/html"}).headers["Location"].startswith("/signin?next=")
    assert len(person.want(200, "GET", "v1/sessions")["items"]) == before and other.want(200, "GET", "v1/sessions")["items"] == []
