"""Unmodified JupyterLab in a real browser, on Sextant."""

import json
import os
import re
import time

import pytest
from playwright.sync_api import TimeoutError, expect, sync_playwright

from servers import CHROMIUM, TOKEN, notebook, share, start_sextant, stop, user

pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium: apt-get install chromium")

# What a page without language servers may fail at.
TOLERATED = [r"/lsp/status"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as p:
        b = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield b
        b.close()


class Lab:
    """One person's JupyterLab, in a window with cookies of its own."""

    def __init__(self, browser, peer, context=None):
        self.peer, self.context = peer, context or browser.new_context(viewport={"width": 1280, "height": 800})
        self.context.set_default_timeout(15000)
        self.page = self.context.new_page()
        self.failed = []
        self.pending, self.last = set(), 0.0  # requests for contents and sessions on their way, and when the last began or ended
        self.page.on("request", lambda r: re.search("/api/(contents|sessions)", r.url) and self._note(self.pending.add, r))
        for end in ("requestfinished", "requestfailed"):
            self.page.on(end, lambda r: re.search("/api/(contents|sessions)", r.url) and self._note(self.pending.discard, r))
        self.page.on("response", lambda r: r.status >= 400 and not any(re.search(t, r.url) for t in TOLERATED) and self.failed.append(f"{r.status} {r.request.method} {r.url}"))
        self.kernel = False  # whether a kernel has answered this page
        self.page.on("websocket", lambda w: "/channels" in w.url and w.on("framereceived", self._heard))
        # JupyterLab says so of every cell that ends in a kernel without a debugger.
        self.page.on("pageerror", lambda e: "No active debugger session" not in str(e) and self.failed.append(str(e)))

    def _note(self, change, request):
        change(request)
        self.last = time.monotonic()

    def _heard(self, frame):
        self.kernel = self.kernel or (b"kernel_info_reply" in frame if isinstance(frame, bytes) else "kernel_info_reply" in frame)

    def settle(self):
        """Until what follows a save or a rename (checkpoints, the listing) is through: JupyterLab asks under the old name
        when a document is renamed meanwhile, of any server."""
        deadline = time.monotonic() + 15
        while self.pending or time.monotonic() - self.last < 0.5:
            assert time.monotonic() < deadline, self.pending
            self.page.wait_for_timeout(50)

    def open(self, path="lab", token=True):
        mark = "&" if "?" in path else "?"
        self.page.goto(self.peer.url + path + (f"{mark}token={self.peer.token}" if token else ""))
        expect(self.page.locator(".jp-DirListing-content")).to_be_visible(timeout=30000)
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0, timeout=30000)
        return self

    def document(self, name):
        """Opens a document in a workspace of its own, as a second window would have."""
        self.open("lab/tree/" + self.peer.path(name))
        expect(self.tab(name)).to_be_visible()
        return self

    def tab(self, name):
        return self.page.locator("#jp-main-dock-panel .lm-TabBar-tab", has_text=name)

    def dialog(self):
        return self.page.locator(".jp-Dialog")

    def answer(self, label):
        self.dialog().get_by_role("button", name=label, exact=True).click()
        expect(self.dialog()).to_have_count(0)

    def type(self, text):
        editor = self.page.locator(".jp-FileEditor:visible .cm-content")
        editor.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def save(self):
        """JupyterLab hears no key to save as long as the save before, with its checkpoint, is on its way."""
        put = lambda r: r.method == "PUT" and "/api/contents/" in r.url
        for patience in (3000, 3000, 15000):
            try:
                with self.page.expect_request(put, timeout=patience) as asked:
                    self.page.keyboard.press("Control+s")
                break
            except TimeoutError:
                if patience == 15000:
                    raise
        saved = asked.value.response()
        assert saved.status in (200, 201), saved.text()

    def close(self):
        self.context.close()
        assert not self.failed, self.failed


@pytest.fixture
def person(sextant, request):
    """Somebody new: layouts are kept per person, and those of other tests would open."""
    return user(sextant, request.node.name.replace("test_", "").replace("_", "-") + "@browser.org")


@pytest.fixture
def lab(browser, person):
    one = Lab(browser, person)
    yield one
    one.close()


def text_of(peer, name):
    return peer.want(200, "GET", peer.contents(name) + "?type=file")["content"]


def test_create_edit_save_rename(lab, person):
    """A notebook from the launcher: edited, saved, renamed, and there after a reload."""
    lab.open()
    page = lab.page
    page.locator(".jp-LauncherCard[data-category=Notebook]").first.click()
    cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    cell.click()
    page.keyboard.type("answer = 42")
    page.keyboard.press("Control+s")
    expect(lab.dialog()).to_contain_text("Rename")  # asked at the first save
    with page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url):
        lab.dialog().locator(".jp-mod-accept").click()
    lab.settle()
    nb = person.want(200, "GET", person.contents("Untitled.ipynb"))["content"]
    assert nb["cells"][0]["source"] == "answer = 42"
    page.locator(".jp-DirListing-item", has_text="Untitled.ipynb").click()
    page.keyboard.press("F2")
    page.locator(".jp-DirListing-editor").fill("renamed.ipynb")
    page.keyboard.press("Enter")
    expect(lab.tab("renamed.ipynb")).to_be_visible()
    lab.settle()
    cell.click()
    page.keyboard.press("End")
    page.keyboard.type(" + 1")
    lab.save()
    lab.settle()
    assert person.want(200, "GET", person.contents("renamed.ipynb"))["content"]["cells"][0]["source"] == "answer = 42 + 1"
    assert person.get(person.contents("Untitled.ipynb")).status_code == 404
    assert len(person.want(200, "GET", person.contents("renamed.ipynb/checkpoints"))) >= 1
    page.locator(".jp-DirListing-item", has_text="renamed.ipynb").click()
    page.keyboard.press("Delete")
    lab.answer("Move to Trash")
    expect(page.locator(".jp-DirListing-item", has_text="renamed.ipynb")).to_have_count(0)


def test_upload(lab, person, tmp_path):
    """Small and large files; large ones go in chunks."""
    small, large = tmp_path / "small.csv", tmp_path / "large.bin"
    small.write_text("a,b\n1,2\n")
    large.write_bytes(os.urandom((3 << 20) + 123))
    lab.open()
    for file in (small, large):
        with lab.page.expect_file_chooser() as chooser:
            lab.page.locator('jp-button[data-command="filebrowser:upload"], [title^="Upload Files"]').first.click()
        chooser.value.set_files(str(file))
        expect(lab.page.locator(".jp-DirListing-item", has_text=file.name)).to_be_visible(timeout=20000)
        expect(lab.page.locator(".jp-FileBrowser .jp-DirListing-content[aria-busy=true]")).to_have_count(0)
    with lab.page.expect_response(lambda r: r.request.method == "GET" and "api/contents" in r.url):
        pass
    got = person.get("files/" + person.path("large.bin"))
    assert got.status_code == 200 and got.content == large.read_bytes()
    assert text_of(person, "small.csv") == small.read_text()


def test_settings_theme_and_layout_persist(browser, sextant):
    """Dark theme and open documents are there after a reload, and in another browser of the same person."""
    who = user(sextant, "dark@browser.org")
    who.save_text("kept.txt", "kept")
    lab = Lab(browser, who).open()
    page = lab.page
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "true")
    page.locator(".jp-DirListing-item", has_text="kept.txt").dblclick()
    expect(lab.tab("kept.txt")).to_be_visible()
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    page.locator(".lm-Menu-item", has_text=re.compile("^Theme$")).hover()
    with page.expect_response(lambda r: r.request.method == "PUT" and "/lab/api/settings/" in r.url) as kept:
        page.locator(".lm-Menu-item", has_text=re.compile("^JupyterLab Dark$")).click()
    assert kept.value.status == 204
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false", timeout=15000)
    colour = page.evaluate("getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim()")
    assert colour in ("#111111", "#111", "var(--md-grey-900, #212121)", "#212121") or colour.startswith("#1"), colour
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false", timeout=30000)
    expect(lab.tab("kept.txt")).to_be_visible(timeout=30000)
    lab.close()
    again = Lab(browser, who).open()
    expect(again.page.locator("body")).to_have_attribute("data-jp-theme-light", "false", timeout=15000)
    expect(again.tab("kept.txt")).to_be_visible()
    again.close()
    other = Lab(browser, sextant).open()  # nobody else's page is dark
    expect(other.page.locator("body")).to_have_attribute("data-jp-theme-light", "true", timeout=15000)
    other.close()


def test_conflict_dialog(browser, person):
    """Two windows, one document: a real conflict asks, and nothing else does."""
    person.save_text("conflict.txt", "start\n")
    one, two = Lab(browser, person).document("conflict.txt"), Lab(browser, person).document("conflict.txt")
    one.type("from one\n")
    one.save()
    one.type("again from one\n")
    one.save()  # what one saved itself is no conflict
    expect(one.dialog()).to_have_count(0)
    two.type("from two\n")
    two.page.keyboard.press("Control+s")
    expect(two.dialog()).to_contain_text("changed on disk")
    with two.page.expect_response(lambda r: r.request.method == "PUT" and "/api/contents/" in r.url) as saved:
        two.dialog().get_by_role("button", name="Overwrite").click()
    assert saved.value.status == 200
    assert text_of(person, "conflict.txt") == "start\nfrom two\n"
    one.type("late\n")
    one.page.keyboard.press("Control+s")
    expect(one.dialog()).to_contain_text("changed on disk")
    one.dialog().get_by_role("button", name="Revert").click()
    expect(one.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("from two")
    # Nothing was lost: every version is a revision.
    found = person.want(200, "GET", "v1/resolve?path=/" + person.path("conflict.txt"))
    assert len(person.want(200, "GET", f"v1/resources/{found['id']}/revisions")["items"]) == 4
    # A new name is no change of the content.
    person.want(200, "PATCH", person.contents("conflict.txt"), {"path": person.path("conflict2.txt")})
    person.want(200, "PATCH", person.contents("conflict2.txt"), {"path": person.path("conflict.txt")})
    two.type("more\n")
    two.save()
    expect(two.dialog()).to_have_count(0)
    one.close()
    two.close()


def test_reader_cannot_save(browser, sextant):
    """Who may only read is told so, and keeps what they typed."""
    ana, bo = user(sextant, "ana@browser.org"), user(sextant, "bo@browser.org")
    ana.save_text("readonly.txt", "hands off\n")
    share(sextant, ana, ana.path("readonly.txt"), "viewer", "bo@browser.org")
    bo.home = "Shared with me"
    lab = Lab(browser, bo).document("readonly.txt")
    expect(lab.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("hands off")
    lab.type("mine\n")
    lab.page.keyboard.press("Control+s")
    expect(lab.page.locator("[role=alert]", has_text="readonly.txt is read-only")).to_be_visible()
    assert text_of(ana, "readonly.txt") == "hands off\n"
    expect(lab.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("mine")
    lab.context.close()


def test_tree_of_somebody_without_rights(browser, sextant):
    """Home, what was shared, and the way up: all of it opens."""
    ana, cy = user(sextant, "ana@tree.org"), user(sextant, "cy@tree.org")
    ana.want(201, "PUT", ana.contents("team"), {"type": "directory"})
    ana.save_text("team/shared.txt", "shared")
    share(sextant, ana, ana.path("team"), "viewer", "cy@tree.org")
    lab = Lab(browser, cy).open()
    crumbs, items = lab.page.locator(".jp-FileBrowser .jp-BreadCrumbs"), lab.page.locator(".jp-DirListing-item")
    expect(crumbs).to_contain_text("cy@tree.org")
    crumbs.locator(".jp-BreadCrumbs-home").click()
    expect(items).to_have_count(2)
    lab.page.locator(".jp-DirListing-item", has_text="Shared with me").dblclick()
    lab.page.locator(".jp-DirListing-item", has_text="team").dblclick()
    lab.page.locator(".jp-DirListing-item", has_text="shared.txt").dblclick()
    expect(lab.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("shared")
    crumbs.locator(".jp-BreadCrumbs-home").click()
    lab.page.locator(".jp-DirListing-item", has_text="home").dblclick()
    expect(lab.page.locator(".jp-DirListing-item", has_text="cy@tree.org")).to_be_visible()
    lab.close()


def test_untrusted_output_does_not_run(browser, sextant):
    """What somebody else's notebook holds must not act in the reader's name."""
    ana, bo = user(sextant, "ana@xss.org"), user(sextant, "bo@xss.org")
    attack = {"output_type": "display_data", "data": {"text/html": "<b>shown</b><img src=x onerror='window.pwned=1'><script>window.pwned=1</script>"}, "metadata": {}}
    script = {"output_type": "display_data", "data": {"application/javascript": "window.pwned=1"}, "metadata": {}}
    ana.save_notebook("attack.ipynb", notebook("1", outputs=[attack, script], trusted=True))
    share(sextant, ana, ana.path("attack.ipynb"), "editor", "bo@xss.org")
    bo.home = "Shared with me"
    lab = Lab(browser, bo)
    lab.open("lab/tree/" + bo.path("attack.ipynb"))
    expect(lab.page.locator(".jp-OutputArea b", has_text="shown")).to_be_visible(timeout=20000)
    assert lab.page.evaluate("window.pwned") is None
    lab.context.close()
    # Nor does a file that is shown as a page of its own.
    ana.save_text("page.html", "<script>try { document.title = document.cookie || 'none' } catch (e) { document.title = 'kept out' }</script>")
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{ana.url}lab?token={ana.token}")
    page.goto(ana.url + "files/" + ana.path("page.html"))
    assert page.title() == "kept out"
    context.close()


def test_below_a_base_path(browser, tmp_path):
    """A path with characters that addresses escape; sign-in leads back to the page."""
    server = start_sextant(tmp_path / "data", base="/lab@home ü/")
    try:
        server.get("api/contents")
        server.save_text("a.txt", "below")
        lab = Lab(browser, server)
        lab.document("a.txt")
        expect(lab.page.locator(".jp-FileEditor:visible .cm-content")).to_contain_text("below")
        lab.type("!")
        lab.save()
        assert text_of(server, "a.txt") == "below!"
        lab.page.goto(server.url + "lab")  # by the cookie
        expect(lab.page.locator(".jp-DirListing-content")).to_be_visible(timeout=30000)
        lab.close()
        stranger = browser.new_context()
        page = stranger.new_page()
        page.goto(server.url + "lab/tree/" + server.path("a.txt"))
        assert "/signin?next=" in page.url
        stranger.close()
    finally:
        stop(server)


def test_unknown_address_of_the_page(lab):
    lab.page.goto(lab.peer.url + f"lab/nonsense?token={TOKEN}")
    expect(lab.dialog()).to_contain_text("Path Not Found", timeout=30000)


def test_french(browser, sextant):
    who = user(sextant, "fr@browser.org")
    assert who.do("PUT", "lab/api/settings/@jupyterlab/translation-extension:plugin", {"raw": '{"locale": "fr_FR"}'}).status_code == 204
    lab = Lab(browser, who).open()
    expect(lab.page.get_by_role("menuitem", name="Fichier")).to_be_visible()
    lab.close()
