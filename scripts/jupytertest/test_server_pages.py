"""The pages for those who read, in a real browser."""

import base64
import html
import http.server
import json
import os
import re
import threading

import pytest
from playwright.sync_api import expect

from servers import ROOT, notebook, share, user
from test_server_browser import browser, pytestmark  # noqa: F401: fixtures

TOOLS = os.path.join(ROOT, "content", "render", "testdata", "tools")
SHOTS = os.path.join(ROOT, ".cache", "screenshots")
AXE = os.environ.get("SEXTANT_TEST_AXE")

HOSTILE = """<div id=here>drawn</div><script>
const tried = [];
const note = (what, f) => { try { tried.push(what + ": " + f()); } catch (e) { tried.push(what + ": refused"); } };
note("parent", () => parent.document.title);
note("cookie", () => document.cookie);
note("storage", () => localStorage.length);
fetch("BASE/v1/me", {credentials: "include"}).then(() => document.body.append("FETCHED"), () => {});
new Image().src = "http://127.0.0.1:9/stolen";
const f = document.createElement("form"); f.action = "BASE/v1/me"; document.body.append(f); note("form", () => f.submit());
note("top", () => { top.location = "http://127.0.0.1:9/"; return "led away"; });
note("popup", () => String(open("http://127.0.0.1:9/")));
document.getElementById("here").textContent = tried.join("; ");
setTimeout(() => { location = "BASE/v1/me"; }, 2000);
</script>"""


@pytest.fixture(scope="module")
def reader(sextant):
    one = user(sextant, "reader@pages.org")
    one.save_text("mine.sql", "SELECT 1")
    return one


@pytest.fixture(scope="module")
def documents(sextant, reader):
    """What the reader may read, by name."""
    out = {}
    for name in ("plotly", "bokeh", "altair", "pandas", "sympy"):
        with open(os.path.join(TOOLS, name + ".ipynb")) as f:
            sextant.save_notebook(f"pages-{name}.ipynb", json.load(f))
        out[name] = share(sextant, sextant, sextant.path(f"pages-{name}.ipynb"), "viewer", reader_name(reader))
    table = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<table><tr><th>n</th></tr><tr><td>1</td></tr></table>"}}
    nb = notebook("import pandas as pd\n\nn = 1\npd.DataFrame([n])", "# as before", outputs=[table])
    sextant.save_notebook("pages-compared.ipynb", nb)
    nb["cells"][0]["source"] = nb["cells"][0]["source"].replace("n = 1", "n = 2  # and a line that is much longer than a telephone is wide, so that it has to break")
    nb["cells"][0]["outputs"] = [json.loads(json.dumps(table).replace(">1<", ">2<"))]
    nb["cells"].append({"cell_type": "markdown", "id": "new", "metadata": {}, "source": "# What follows\n\nMore."})
    sextant.save_notebook("pages-compared.ipynb", nb, 200)
    out["compared"] = share(sextant, sextant, sextant.path("pages-compared.ipynb"), "editor", reader_name(reader))
    hostile = notebook("x", outputs=[{"output_type": "display_data", "metadata": {}, "data": {"text/html": HOSTILE.replace("BASE", sextant.url.rstrip("/")), "text/plain": "hostile"}}])
    sextant.save_notebook("pages-hostile.ipynb", hostile)
    out["hostile"] = share(sextant, sextant, sextant.path("pages-hostile.ipynb"), "viewer", reader_name(reader))
    sextant.save_text("pages-script.sql", "-- ---\n-- engine: duckdb\n-- parameters:\n--   region: VARCHAR = 'EU'\n-- ---\nSELECT 42 AS answer")
    out["script"] = share(sextant, sextant, sextant.path("pages-script.sql"), "viewer", reader_name(reader))
    return out


def reader_name(reader):
    return reader.home.removeprefix("home/")


class Visit:
    """A window of somebody's, which notes what went wrong in it and which hosts it asked."""

    def __init__(self, browser, peer, **options):
        self.peer = peer
        self.context = browser.new_context(viewport=options.pop("viewport", {"width": 1280, "height": 900}), **options)
        self.page = self.context.new_page()
        self.wrong, self.asked, self.opened = [], set(), []
        self.page.on("pageerror", lambda e: self.wrong.append(str(e)))
        self.page.on("response", lambda r: self._ask(r.request))
        self.page.on("requestfailed", lambda r: r.failure == "csp" or self._ask(r))  # what the policy stops is not sent
        self.page.on("popup", lambda p: self.opened.append(p.url))

    def _ask(self, request):
        if not request.url.startswith(("data:", "blob:")):
            self.asked.add(re.match(r"\w+://[^/]+", request.url)[0])

    def open(self, id, query=""):
        # The token is kept in a cookie, and taken out of the address.
        self.page.goto(f"{self.peer.url}n/{id}?token={self.peer.token}")
        self.page.goto(f"{self.peer.url}n/{id}{query}")
        return self.page

    def close(self):
        self.context.close()
        assert self.asked == {re.match(r"\w+://[^/]+", self.peer.url)[0]}, self.asked
        assert not self.wrong, self.wrong


@pytest.fixture
def visit(browser, reader):
    one = Visit(browser, reader)
    yield one
    one.close()


def test_reads_without_script(browser, reader, documents):
    one = Visit(browser, reader, java_script_enabled=False)
    page = one.open(documents["pandas"])
    expect(page.locator("main table").first).to_be_visible()
    expect(page.locator("main .sx-source[open]")).to_have_count(0)
    page.get_by_role("button", name="Show code").click()
    expect(page.locator("main .sx-source[open]").first).to_be_visible()
    page.get_by_text("Download", exact=True).click()
    with page.expect_download() as got:
        page.get_by_role("link", name="Markdown").click()
    assert got.value.suggested_filename == "pages-pandas.md"
    one.close()


def test_code_is_one_switch_away_and_one_can_copy_it(browser, reader, documents):
    one = Visit(browser, reader, permissions=["clipboard-read", "clipboard-write"])
    page = one.open(documents["pandas"])
    switch = page.locator("#code")
    expect(switch).to_have_attribute("aria-pressed", "false")
    switch.focus()
    page.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.locator("main .sx-source:not([open])")).to_have_count(0)
    first = page.locator(".copyable").first
    first.hover()
    first.get_by_role("button", name="Copy").click()
    expect(first.get_by_role("button")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == first.locator("pre").inner_text()
    one.close()


def test_plotly_and_bokeh_are_drawn_in_one_frame(visit, documents):
    for name, drawn in (("plotly", ".js-plotly-plot .main-svg"), ("bokeh", ".bk-Figure, [data-root-id] canvas, .bk-Canvas")):
        page = visit.open(documents[name])
        frame = page.frame_locator("iframe.outputs")
        expect(frame.locator(drawn).first).to_be_attached(timeout=30000)
        expect(page.locator("iframe")).to_have_count(1)
        expect(page.locator(".sx-rich.live").first).to_be_attached()
        # What is drawn lies where the page has room for it.
        place = page.locator(".sx-rich.live").first.bounding_box()
        box = frame.locator(".output").first.bounding_box()
        assert abs(place["y"] - box["y"]) < 2 and abs(place["height"] - box["height"]) < 8 and place["height"] > 100, (place, box)


def test_a_chart_that_is_drawn_becomes_interactive_when_pointed_at(visit, documents):
    page = visit.open(documents["altair"])
    expect(page.locator(".sx-rich img").first).to_be_visible()
    expect(page.locator("iframe")).to_have_count(0)
    page.locator(".sx-rich").first.hover()
    expect(page.frame_locator("iframe.outputs").locator(".vega-embed svg").first).to_be_visible(timeout=30000)


def test_a_hostile_output_reaches_nothing(browser, reader, documents):
    one = Visit(browser, reader)
    page = one.open(documents["hostile"])
    address = page.url
    frame = page.frame_locator("iframe.outputs")
    here = frame.locator("#here")
    expect(here).to_contain_text("popup", timeout=30000)
    told = here.inner_text()
    assert "FETCHED" not in frame.locator("body").inner_text()
    with page.expect_event("framenavigated", predicate=lambda f: f != page.main_frame):
        pass  # it leads itself away, and gets nowhere
    for what in ("parent: refused", "cookie: refused", "storage: refused"):
        assert what in told, told
    assert page.url == address and not one.opened
    assert one.asked == {reader.url.rstrip("/")}, one.asked
    inner = [f for f in page.frames if f != page.main_frame]
    assert len(inner) == 1 and "/v1/" not in inner[0].url, [f.url for f in page.frames]
    one.context.close()


def test_asking_for_access(browser, sextant, documents):
    stranger = user(sextant, "stranger@pages.org")
    one = Visit(browser, stranger)
    page = one.open(documents["pandas"])
    expect(page.get_by_role("heading", level=1)).to_contain_text("not here, or not for you")
    page.get_by_label("Why you need it").fill("For the report")
    page.get_by_role("button", name="Request access").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Access requested")
    asked = sextant.want(200, "GET", f"v1/resources/{documents['pandas']}/access-requests")
    assert "For the report" in json.dumps(asked)
    share(sextant, sextant, sextant.path("pages-pandas.ipynb"), "viewer", "stranger@pages.org")
    expect(one.open(documents["pandas"]).locator("main table").first).to_be_visible()
    one.close()


def test_by_keyboard(visit, documents):
    page = visit.open(documents["pandas"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the document")).to_be_focused()
    page.get_by_text("Download", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Script")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Script")).to_be_hidden()
    expect(page.get_by_text("Download", exact=True)).to_be_focused()


def test_revisions_are_compared_and_restored(visit, documents):
    page = visit.open(documents["compared"])
    page.get_by_role("link", name="History").click()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=2)).to_have_text("Revision 1 to 2")
    expect(page.locator(".lines .new").first).to_contain_text("n = 2")
    expect(page.locator(".lines .gone").first).to_contain_text("n = 1")
    expect(page.get_by_text("1 cell unchanged")).to_be_visible()
    expect(page.locator(".sides td")).to_have_text(["1", "2"])


def barriers(page):
    """What axe finds in the page, whose CSP is off, and whether it is wider than the window."""
    if not AXE:
        assert not os.environ.get("CI"), "axe-core is missing: npm"
        pytest.skip("no axe-core: npm")
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{v['id']}: {n['html'][:200]}" for v in found for n in v["nodes"]] + ["wider than the window"] * wide


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_can_be_used_by_everybody(browser, reader, documents, scheme, width):
    """axe finds nothing, nothing is wider than the window, and there are pictures to look at."""
    os.makedirs(SHOTS, exist_ok=True)
    one = Visit(browser, reader, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    faults = {}
    compared = documents["compared"]
    newest, oldest = [r["id"] for r in reader.want(200, "GET", f"v1/resources/{compared}/revisions")["items"]]
    more = {"missing": "019ad000-0000-7000-8000-000000000000", "history": compared + "/history", "diff": f"{compared}/diff/{oldest}..{newest}"}
    more["folder"] = reader.want(200, "GET", "v1/resolve?path=/" + reader.home)["id"]
    one.open(documents["pandas"])
    for name, id in {**documents, **more, "home": None}.items():
        if name in ("hostile", "plotly", "bokeh"):
            continue
        if id:
            page = one.open(id, "?code=1")
        else:
            page.goto(reader.url)
        page.screenshot(path=os.path.join(SHOTS, f"page-{name}-{scheme}-{width}.png"))
        faults[name] = barriers(page)
    one.context.close()
    assert not any(faults.values()), json.dumps(faults, indent=1)


@pytest.fixture(scope="module")
def links(sextant, documents):
    """A link to the Plotly notebook that another site may show, and one with a password."""
    site = Site()
    made = {"site": site}
    made["embedded"] = sextant.want(201, "POST", f"v1/resources/{documents['plotly']}/share-links", {"title": "For the intranet", "origins": [site.url], "look": {"name": "Example Ltd", "logo": LOGO, "properties": {"accent": "light-dark(#9b1c31, #ff9aa8)"}}})
    made["passworded"] = sextant.want(201, "POST", f"v1/resources/{documents['pandas']}/share-links", {"password": "open sesame"})
    made["open"] = sextant.want(201, "POST", f"v1/resources/{documents['pandas']}/share-links", {})
    yield made
    site.close()


LOGO = "data:image/svg+xml;base64," + base64.b64encode(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24" height="24"><circle cx="12" cy="12" r="10" fill="#9b1c31"/></svg>').decode()


class Site:
    """Another organisation's pages: another origin, which answers with what it is told to."""

    def __init__(self):
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                text = site.html.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.html = ""
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


HOST = open(os.path.join(ROOT, "docs", "examples", "embed.html")).read()


def host_page(peer, link):
    token = peer.want(201, "POST", f"v1/share-links/{link['id']}/embed-tokens", {})
    page = HOST.replace("https://sextant.example.org/", peer.url).replace("PATH", html.escape(token["path"]))
    assert page != HOST
    return page


def test_a_document_within_the_page_of_another_site(browser, sextant, documents, links):
    site = links["site"]
    site.html = host_page(sextant, links["embedded"])
    context = browser.new_context()
    page = context.new_page()
    page.goto(site.url)
    embed = page.frame_locator("#report")
    expect(embed.locator("#document")).to_contain_text("fig", timeout=30000)
    # Its outputs are interactive there too, in their own frame, and nobody had to sign in.
    expect(embed.frame_locator("iframe.outputs").locator(".js-plotly-plot .main-svg").first).to_be_attached(timeout=30000)
    # The frame grew to the document.
    page.wait_for_function("document.getElementById('report').offsetHeight > 400")
    inner = next(f for f in page.frames if "/embed/n/" in f.url)
    assert not inner.evaluate("document.documentElement.scrollHeight > innerHeight + 1")
    assert inner.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()") == "light-dark(#9b1c31, #ff9aa8)"
    assert not context.cookies()

    # A site that was not named shows nothing of it.
    other = Site()
    other.html = site.html
    page.goto(other.url)
    page.wait_for_load_state("networkidle")
    assert not any(f.url.startswith(sextant.url) and "fig" in f.content() for f in page.frames)
    other.close()

    # Revoking ends it at once.
    again = sextant.want(201, "POST", f"v1/resources/{documents['plotly']}/share-links", {"origins": [site.url]})
    site.html = host_page(sextant, again)
    page.goto(site.url)
    expect(embed.locator("#document")).to_contain_text("fig")
    sextant.want(204, "DELETE", f"v1/share-links/{again['id']}")
    page.reload()
    expect(embed.get_by_role("heading", level=1)).to_have_text("This page cannot be shown")
    context.close()


def test_a_link_with_a_password(browser, sextant, links):
    context = browser.new_context()
    page = context.new_page()
    page.goto(sextant.url + links["passworded"]["path"])
    page.get_by_label("Password").fill("sesame")
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("That was not it")).to_be_visible()
    page.get_by_label("Password").fill("open sesame")
    page.keyboard.press("Enter")
    expect(page.locator("main table").first).to_be_visible()
    page.get_by_role("button", name="Show code").click()
    expect(page.locator("main .sx-source[open]").first).to_be_visible()
    context.close()
    stranger = browser.new_context().new_page()
    stranger.goto(sextant.url + links["passworded"]["path"])
    expect(stranger.locator("main table")).to_have_count(0)
    stranger.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_by_link_can_be_used_by_everybody(browser, sextant, links, scheme, width):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    token = sextant.want(201, "POST", f"v1/share-links/{links['embedded']['id']}/embed-tokens", {})
    faults = {}
    for name, path in {"link": links["open"]["path"], "branded": links["embedded"]["path"], "password": links["passworded"]["path"], "embed": token["path"], "nolink": "s/sxl_nothing"}.items():
        page.goto(sextant.url + path)
        page.screenshot(path=os.path.join(SHOTS, f"page-{name}-{scheme}-{width}.png"))
        faults[name] = barriers(page)
    context.close()
    assert not any(faults.values()), json.dumps(faults, indent=1)


def test_sharing_in_a_browser(browser, sextant):
    owner = user(sextant, "owner@pages.org")
    owner.save_notebook("mine.ipynb", notebook("1", outputs=[{"output_type": "stream", "name": "stdout", "text": "the answer\n"}]))
    document = owner.want(200, "GET", f"v1/resolve?path=/{owner.home}/mine.ipynb")["id"]
    guest = user(sextant, "guest@pages.org")
    ask = Visit(browser, guest)
    page = ask.open(document)
    page.get_by_label("Why you need it").fill("For the board")
    page.get_by_role("button", name="Request access").click()
    one = Visit(browser, owner)
    mine = one.open(document)
    mine.goto(f"{owner.url}n/{document}/share")  # the page for who has no script; with it the link opens a dialog
    expect(mine.get_by_text("For the board")).to_be_visible()
    mine.get_by_role("button", name="Approve guest@pages.org").click()
    expect(mine.get_by_role("combobox", name="Role of guest@pages.org")).to_have_value("viewer")
    expect(ask.open(document).get_by_text("the answer")).to_be_visible()
    mine.get_by_role("combobox", name="Role of guest@pages.org").select_option("editor")
    mine.get_by_role("button", name="Change the role of guest@pages.org").click()
    expect(mine.get_by_role("combobox", name="Role of guest@pages.org")).to_have_value("editor")
    mine.get_by_role("button", name="Remove guest@pages.org").click()
    expect(mine.get_by_text("guest@pages.org")).to_have_count(0)
    expect(ask.open(document).get_by_text("the answer")).to_have_count(0)
    # By keyboard alone.
    mine.get_by_label("Person or group").focus()
    mine.keyboard.type("guest@pages.org")
    mine.keyboard.press("Enter")
    expect(mine.get_by_role("combobox", name="Role of guest@pages.org")).to_be_visible()
    mine.get_by_label("What it is for").fill("The board")
    mine.get_by_role("button", name="Make a link").click()
    address = mine.get_by_label("Address of the link").input_value()
    away = browser.new_context().new_page()
    away.goto(address)
    expect(away.get_by_text("the answer")).to_be_visible()
    mine.get_by_role("button", name="Revoke The board").click()
    expect(mine.get_by_text("The board")).to_have_count(0)
    away.reload()
    expect(away.get_by_role("heading", level=1)).to_have_text("This link opens nothing")
    away.context.close()
    one.close()
    ask.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_the_sharing_page_can_be_used_by_everybody(browser, sextant, documents, links, scheme, width):
    sextant.do("POST", f"v1/resources/{documents['pandas']}/access-requests", {"role": "viewer", "message": "For the report"})
    one = Visit(browser, sextant, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = one.open(documents["pandas"])
    page.goto(f"{sextant.url}n/{documents['pandas']}/share")
    page.get_by_role("button", name="Make a link").click()
    page.screenshot(path=os.path.join(SHOTS, f"page-sharing-{scheme}-{width}.png"), full_page=True)
    faults = barriers(page)
    assert not faults, json.dumps(faults, indent=1)
    one.context.close()


def test_finding_words(browser, reader, documents):
    one = Visit(browser, reader, bypass_csp=True)
    page = one.open(documents["pandas"])
    expect(page.locator("main .sx-source[open]")).to_have_count(0)
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Find in this document")
    expect(field).to_be_focused()
    page.keyboard.type("DataFrame")
    told = page.locator(".find output")
    expect(told).to_have_text(re.compile(r"^1 of \d+$"))
    # The word stands in code, which was folded.
    expect(page.locator("main .sx-source[open]").first).to_be_visible()
    count = int(told.inner_text().split()[-1])
    assert count == page.evaluate("[...CSS.highlights.get('find')].length")
    assert page.evaluate("[...CSS.highlights.get('find-now')].map(String)") == ["DataFrame"]
    page.keyboard.press("Shift+Enter")
    expect(told).to_have_text(f"{count} of {count}")
    page.keyboard.press("Enter")
    expect(told).to_have_text(f"1 of {count}")
    assert not barriers(page)
    page.screenshot(path=os.path.join(SHOTS, "page-find-light-1280.png"))
    field.fill("no such word")
    expect(told).to_have_text("Not found")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Find")).to_be_focused()
    assert not page.evaluate("CSS.highlights.has('find')")
    one.close()
