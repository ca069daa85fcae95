"""From a notebook that is run in the unmodified JupyterLab to a reader who drills into it, asks to edit it, and does: on both
databases, once with the mouse and once by the keyboard alone."""

import csv
import io
import re
import time
import uuid

import pytest
from playwright.sync_api import expect
from servers import notebook, start_sextant, stop, user
from test_server_browser import Lab, browser, pytestmark  # noqa: F401: fixtures
from test_sources import postgres_url

ROWS = 50_000
SQL = f"SELECT i AS n, 'route ' || (i % 7) AS route FROM range({ROWS}) t(i)"
PASSWORD = "correct horse battery"


class Person:
    """Somebody with a window, who acts by the mouse, or by keys alone."""

    def __init__(self, browser, server, name, keys):
        self.peer, self.name, self.keys = user(server, name), name, keys
        server.want(204, "PUT", f"v1/principals/user:{name}/password", {"password": PASSWORD}, headers={"Content-Type": "application/json"})
        self.context = browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(15000)
        self.page = self.context.new_page()
        self.wrong = []
        self.page.on("pageerror", lambda e: "No active debugger session" not in str(e) and self.wrong.append(str(e)))

    def reach(self, target):
        """Puts the focus on something, by Tab."""
        expect(target).to_be_visible(timeout=15000)
        for _ in range(150):
            if target.evaluate("e => e === document.activeElement || e.contains(document.activeElement) && !document.activeElement.matches('[tabindex=\"-1\"]')"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead to {target}")

    def press(self, target):
        if not self.keys:
            return target.click()
        self.reach(target)
        self.page.keyboard.press("Enter")

    def write(self, target, text):
        self.reach(target) if self.keys else target.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def sign_in(self):
        self.page.goto(self.peer.url)
        self.write(self.page.get_by_role("textbox", name="Mail address"), self.name)
        self.write(self.page.get_by_role("textbox", name="Password"), PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page.get_by_role("heading", name="Home")).to_be_visible()

    def lab(self, path):
        """One's own JupyterLab with a document, whose kernel is there."""
        lab = Lab.__new__(Lab)
        heard = []
        self.page.on("websocket", lambda w: "/channels" in w.url and w.on("framereceived", lambda f: heard.append(b"kernel_info_reply" in f if isinstance(f, bytes) else "kernel_info_reply" in f)))
        lab.page, lab.peer = self.page, self.peer
        lab.open(path, token=False)
        until = time.monotonic() + 30
        while not any(heard):
            assert time.monotonic() < until
            self.page.wait_for_timeout(50)
        expect(self.page.locator(".jp-NotebookPanel:visible .jp-Notebook-ExecutionIndicator[data-status=idle]")).to_be_visible(timeout=30000)
        return lab

    def command(self, name):
        """A command of JupyterLab, by its palette."""
        self.page.keyboard.press("Control+Shift+c")
        self.page.locator(".lm-CommandPalette-input:visible").fill(name)
        expect(self.page.locator(".lm-CommandPalette-item.lm-mod-active")).to_contain_text(re.compile(name, re.I))
        self.page.keyboard.press("Enter")

    def close(self):
        self.context.close()
        assert not self.wrong, self.wrong


@pytest.mark.parametrize("database, keys", [("sqlite", False), ("postgres", True)])
def test_from_running_to_editing_together(browser, tmp_path, database, keys):
    options = {"database": postgres_url()} if database == "postgres" else {}
    server = start_sextant(tmp_path / "data", base="/team/", **options)
    mark = uuid.uuid4().hex[:8]  # a database may have been used before
    ana, jo = Person(browser, server, f"ana-{mark}@story.org", keys), Person(browser, server, f"jo-{mark}@story.org", keys)
    try:
        tell(ana, jo, server)
        ana.close()
        jo.close()
    finally:
        stop(server)


def tell(ana, jo, server):
    nb = notebook(SQL)
    nb["metadata"]["kernelspec"] = {"name": "sextant", "display_name": "SQL"}
    ana.peer.save_notebook("routes.ipynb", nb)
    document = ana.peer.want(200, "GET", "v1/resolve?path=/" + ana.peer.path("routes.ipynb"))["id"]

    # Ana signs in and runs the notebook in JupyterLab.
    ana.sign_in()
    page = ana.page
    ana.lab("lab/tree/" + ana.peer.path("routes.ipynb"))
    if ana.keys:
        ana.command("Run All Cells")
    else:
        page.locator(".jp-Notebook:visible .jp-CodeCell .cm-content").first.click()
        page.keyboard.press("Control+Enter")
    output = page.locator(".jp-NotebookPanel:visible .jp-OutputArea-output").first
    expect(output).to_contain_text("route 3", timeout=30000)
    expect(output.get_by_role("link", name=re.compile("result", re.I))).to_be_visible()

    # She shares it with Jo.
    page.goto(f"{ana.peer.url}n/{document}")
    ana.press(page.get_by_role("link", name="Share"))
    dialog = page.get_by_role("dialog", name="Share “routes”")
    ana.write(dialog.get_by_role("combobox", name="Add people or groups"), jo.name)
    option = page.get_by_role("option", name=jo.name)
    expect(option).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter") if ana.keys else option.click()
    ana.press(dialog.get_by_role("button", name="Add", exact=True))
    expect(dialog.get_by_role("button", name=f"Role of {jo.name}: Viewer")).to_be_visible()
    page.keyboard.press("Escape")

    # Jo reads it, with no session, and drills down to the rows of one route.
    jo.sign_in()
    other = jo.page
    jo.press(other.get_by_role("region", name="Shared with me").get_by_role("link", name="routes"))
    expect(other.get_by_role("cell", name="route 3").first).to_be_visible()
    jo.press(other.get_by_role("link", name="Open the result").first)
    grid = other.get_by_role("grid", name="Rows")
    expect(grid.get_by_role("row", name=re.compile("^1 0 route 0"))).to_be_visible()
    if jo.keys:
        jo.reach(grid)
        other.keyboard.press("Control+End")
        expect(grid.get_by_role("row", name=re.compile(f"^{ROWS:,} {ROWS - 1} "))).to_be_visible()
        for key in ("Control+Home", "ArrowUp", "ArrowRight", "Shift+Enter"):
            other.keyboard.press(key)
    else:
        grid.get_by_role("columnheader", name=re.compile("^route")).locator(".g-more").click()
    jo.press(other.get_by_role("link", name="route 3", exact=True))
    of_one = len(range(3, ROWS, 7))
    expect(other.get_by_text(f"of {of_one:,}")).to_be_visible()
    jo.press(other.locator("summary", has_text="Download"))
    with other.expect_download() as got:
        jo.press(other.get_by_role("link", name="CSV", exact=True))
    rows = list(csv.reader(io.StringIO(open(got.value.path(), newline="").read())))
    assert len(rows) == of_one + 1 and {r[1] for r in rows[1:]} == {"route 3"}
    assert jo.peer.want(200, "GET", "v1/sessions")["items"] == []

    # Jo asks to edit.
    other.goto(f"{jo.peer.url}n/{document}")
    jo.press(other.get_by_role("link", name="Share"))
    asking = other.get_by_role("dialog", name="Share “routes”")
    jo.write(asking.get_by_role("textbox", name="Message"), "seven routes are six")
    jo.press(asking.get_by_role("button", name="Ask", exact=True))
    expect(asking.get_by_text("Asked.")).to_be_visible()
    page.reload()
    ana.press(page.get_by_role("link", name="Share"))
    ana.press(dialog.get_by_role("button", name="Approve"))
    expect(dialog.get_by_role("button", name=f"Role of {jo.name}: Editor")).to_be_visible()

    # And does, in JupyterLab.
    lab = jo.lab("lab/tree/Shared%20with%20me/routes.ipynb")
    editor = other.locator(".jp-Notebook:visible .jp-CodeCell .cm-content").first
    if jo.keys:
        other.keyboard.press("Enter")  # the notebook has the focus
        expect(editor).to_be_focused()
    else:
        editor.click()
    other.keyboard.press("Control+a")
    other.keyboard.type("SELECT 6 AS routes")
    other.keyboard.press("Control+Enter")
    expect(other.locator(".jp-NotebookPanel:visible .jp-OutputArea-output").first).to_contain_text("6", timeout=30000)
    lab.save()
    assert ana.peer.want(200, "GET", f"v1/resources/{document}/revisions")["items"][0]["author"] == f"user:{jo.name}"

    # Ana sees what changed, and takes it back.
    page.goto(f"{ana.peer.url}n/{document}")
    expect(page.locator(".out, .output, main").first).to_contain_text("6")
    ana.press(page.get_by_role("link", name="History"))
    expect(page.get_by_text(jo.name).first).to_be_visible()
    first = page.get_by_role("radio", name="Compare from revision 1", exact=True)
    if ana.keys:
        ana.reach(page.get_by_role("radio", name=re.compile("^Compare from revision"), checked=True))
        until = time.monotonic() + 20
        while not first.is_checked():
            assert time.monotonic() < until
            page.keyboard.press("ArrowDown")
    else:
        first.check()
    ana.press(page.get_by_role("button", name="Compare"))
    expect(page.locator(".lines .new").first).to_contain_text("SELECT 6 AS routes")
    page.go_back()
    ana.press(page.get_by_role("button", name="Restore revision 1", exact=True))
    expect(page.get_by_role("main")).to_contain_text("route")
    assert ana.peer.want(200, "GET", ana.peer.contents("routes.ipynb") + "?type=notebook&content=1")["content"]["cells"][0]["source"] == SQL
