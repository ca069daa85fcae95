"""The program in browsers: home, folders, search and sharing, in a real browser, behind a path prefix."""

import json
import os
import re

import pytest
from playwright.sync_api import expect

from servers import notebook, share, start_sextant, stop, user
from test_server_browser import browser, pytestmark  # noqa: F401: fixtures
from test_server_pages import AXE, SHOTS, Visit, barriers

MANY = 1500


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    peer = start_sextant(tmp_path_factory.mktemp("app") / "data", base="/team x/", invite_domains="partner.org")
    peer.get("api/contents")
    yield peer
    stop(peer)


@pytest.fixture(scope="module")
def ana(server):
    return user(server, "ana@app.org")


@pytest.fixture(scope="module")
def jo(server):
    return user(server, "jo@app.org")


class App(Visit):
    """Somebody's window with the program in it."""

    def __init__(self, browser, peer, **options):
        super().__init__(browser, peer, **options)
        self.context.set_default_timeout(10000)
        expect.set_options(timeout=10000)
        # What the policy of pages refuses, or React complains about, is a fault.
        self.page.on("console", lambda m: m.type == "error" and "Failed to load resource" not in m.text and self.wrong.append(m.text))
        # Each file that a page names is there.
        self.page.on("response", lambda r: "/assets/" in r.url and r.status >= 400 and self.wrong.append(f"{r.status} {r.url}"))
        self.page.goto(f"{peer.url}starred?token={peer.token}")

    def at(self, path=""):
        self.page.goto(self.peer.url + path)
        self.page.wait_for_selector(".shell:not(.drawn)")
        return self.page

    def row(self, name):
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=re.compile(rf": {re.escape(name)}$|^{re.escape(name)}$")))

    def action(self, name, label):
        self.page.get_by_role("button", name=f"Actions on {name}", exact=True).click()
        self.page.get_by_role("menuitem", name=label).click()


@pytest.fixture
def app(browser, ana):
    one = App(browser, ana)
    yield one
    one.close()


def id_of(peer, path):
    return peer.want(200, "GET", "v1/resolve?path=/" + path)["id"]


def make_folder(peer, name):
    parent = id_of(peer, peer.home)
    return peer.want(201, "POST", "v1/resources", {"parent": parent, "type": "folder", "name": name}, headers={"Content-Type": "application/json"})["id"]


def make(peer, parent, name, content="SELECT 1"):
    return peer.want(201, "POST", "v1/resources", {"parent": parent, "name": name, "content": content}, headers={"Content-Type": "application/json"})["id"]


def names(peer, folder):
    return sorted(r["name"] for r in peer.want(200, "GET", f"v1/resources/{folder}/children?pageSize=1000")["items"])


def test_make_upload_rename_move_trash_and_undo(app, ana, tmp_path):
    work = make_folder(ana, "work")
    page = app.at(f"n/{work}")
    expect(page.get_by_role("heading", name="work")).to_be_visible()
    # A folder, by the menu and the keyboard.
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_role("menuitem", name="Folder").click()
    page.keyboard.type("Reports")
    page.keyboard.press("Enter")
    expect(app.row("Reports")).to_be_visible()
    # Files, chosen and dropped; a name that is taken gets a number.
    one = tmp_path / "routes.csv"
    one.write_text("a,b\n1,2\n")
    page.set_input_files("input[type=file]", [str(one)])
    expect(app.row("routes.csv")).to_be_visible()
    page.set_input_files("input[type=file]", [str(one)])
    expect(app.row("routes 2.csv")).to_be_visible()
    data = page.evaluate_handle("() => { const d = new DataTransfer(); d.items.add(new File(['SELECT 2'], 'dropped.sql')); return d; }")
    for event in ("dragenter", "dragover", "drop"):
        page.dispatch_event(".drop-files", event, {"dataTransfer": data})
    expect(app.row("dropped.sql")).to_be_visible()
    assert names(ana, work) == ["Reports", "dropped.sql", "routes 2.csv", "routes.csv"]
    # Rename, and take it back.
    app.action("routes 2.csv", "Rename…")
    page.get_by_role("textbox", name="Name").fill("Reports")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_text("already")).to_be_visible()  # the dialog stays and says why
    page.get_by_role("textbox", name="Name").fill("old routes.csv")
    page.keyboard.press("Enter")
    expect(app.row("old routes.csv")).to_be_visible()
    page.get_by_role("button", name="Undo").first.click()
    expect(app.row("routes 2.csv")).to_be_visible()
    # Move two by selection; take it back; move again.
    for name in ("routes.csv", "routes 2.csv"):
        app.row(name).get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Move…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("row", name="work").get_by_role("button").click()
    dialog.get_by_role("row", name="Reports").click()
    page.get_by_role("button", name="Move to “Reports”").click()
    expect(app.row("routes.csv")).to_have_count(0)
    page.get_by_role("button", name="Undo").first.click()
    expect(app.row("routes.csv")).to_be_visible()
    # Trash with the keyboard, and take it back from there.
    app.row("dropped.sql").focus()
    page.keyboard.press("Delete")
    expect(app.row("dropped.sql")).to_have_count(0)
    assert names(ana, work) == ["Reports", "routes 2.csv", "routes.csv"]
    page.get_by_role("row", name="Trash").or_(page.get_by_role("link", name="Trash")).first.click()
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
    app.action("dropped.sql", "Restore")
    expect(app.row("dropped.sql")).to_have_count(0)
    assert "dropped.sql" in names(ana, work)


def test_stars_and_home(app, ana):
    folder = make_folder(ana, "starry")
    make(ana, folder, "bright.sql")
    page = app.at(f"n/{folder}")
    page.get_by_role("button", name="Star bright.sql").click()
    expect(page.get_by_role("button", name="Take the star off bright.sql")).to_be_visible()
    page.get_by_role("link", name="Home", exact=True).first.click()
    expect(page.get_by_role("region", name="Starred").get_by_role("link", name="bright.sql")).to_be_visible()
    assert page.url == ana.url


def test_the_list_follows_what_others_do(app, ana):
    folder = make_folder(ana, "watched")
    page = app.at(f"n/{folder}")
    expect(page.get_by_text("This folder is empty")).to_be_visible()
    expect(page.get_by_text("● connected")).to_be_visible()
    made = make(ana, folder, "from-elsewhere.sql")
    expect(app.row("from-elsewhere.sql")).to_be_visible()
    ana.want(204, "DELETE", f"v1/resources/{made}")
    expect(app.row("from-elsewhere.sql")).to_have_count(0)


def test_thousands(app, ana):
    folder = make_folder(ana, "many")
    for i in range(MANY):
        make(ana, folder, f"part {i}.sql")
    page = app.at(f"n/{folder}")
    expect(app.row("part 0.sql")).to_be_visible()
    page.get_by_role("searchbox", name="Filter by name or tag").fill("part")
    expect(page.get_by_text(f"{MANY:,} of {MANY:,} entries")).to_be_visible()
    assert page.get_by_role("row").count() < 120  # only what is in view is there
    app.row("part 2.sql").focus()  # numbers count as numbers: it is the third
    page.keyboard.press("End")
    expect(app.row(f"part {MANY - 1}.sql")).to_be_visible()
    page.get_by_role("searchbox", name="Filter by name or tag").fill("part 123")
    expect(page.get_by_text(f"12 of {MANY:,} entries")).to_be_visible()


def test_search_as_one_types(app, ana, jo):
    folder = make_folder(ana, "searched")
    make(ana, folder, "needle.sql", "SELECT 'haystack' AS straw")
    make(jo, id_of(jo, jo.home), "secret.sql", "SELECT 'haystack of another'")
    page = app.at()
    page.keyboard.press("Control+k")
    page.keyboard.type("hays")
    found = page.get_by_role("menu", name="Found")
    expect(found.get_by_role("menuitem", name="needle.sql")).to_be_visible()
    assert "secret" not in found.inner_text()
    expect(found.locator("mark").first).to_have_text(re.compile("haystack"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/n/"))
    expect(page.get_by_text("straw")).to_be_visible()
    page = app.at("search?q=haystack")
    expect(page.get_by_role("link", name="needle.sql")).to_be_visible()
    expect(page.get_by_role("link", name="secret.sql")).to_have_count(0)


def test_sharing_from_asking_to_editing(browser, ana, jo):
    """Ana shares a notebook with Jo, who reads it with no session, asks for more, and is given it."""
    ana.save_notebook("plan.ipynb", notebook("SELECT 1 AS planned"))
    document = id_of(ana, ana.home + "/plan.ipynb")
    one, two = App(browser, ana), App(browser, jo)
    page = one.at(f"n/{id_of(ana, ana.home)}")
    one.action("plan", "Share…")
    dialog = page.get_by_role("dialog", name="Share “plan”")
    field = dialog.get_by_role("combobox", name="Add people or groups")
    field.fill("jo@a")
    page.get_by_role("option", name="jo@app.org").click()
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("button", name="Role of jo@app.org: Viewer")).to_be_visible()
    jo.want(200, "GET", f"v1/resources/{document}/content")

    # Jo finds it, reads it, and asks to edit, over the page that the server drew.
    other = two.at()
    other.get_by_role("region", name="Shared with me").get_by_role("link", name="plan").click()
    expect(other.get_by_text("planned")).to_be_visible()
    assert jo.want(200, "GET", "v1/sessions")["items"] == []
    other.get_by_role("link", name="Share").click()
    asking = other.get_by_role("dialog", name="Share “plan”")
    expect(asking.get_by_text("You can view")).to_be_visible()
    asking.get_by_role("textbox", name="Message").fill("to correct a number")
    asking.get_by_role("button", name="Ask", exact=True).click()
    expect(asking.get_by_text("Asked.")).to_be_visible()
    jo.want(403, "PATCH", f"v1/resources/{document}", {"name": "mine.ipynb"}, headers={"Content-Type": "application/json"})

    # Ana sees it, and approves.
    dialog.get_by_role("button", name="Done").click()
    one.action("plan", "Share…")
    dialog = page.get_by_role("dialog", name="Share “plan”")
    expect(dialog.get_by_text("“to correct a number”")).to_be_visible()
    dialog.get_by_role("button", name="Approve").click()
    expect(dialog.get_by_role("button", name="Role of jo@app.org: Editor")).to_be_visible()
    jo.want(200, "PATCH", f"v1/resources/{document}", {"description": "corrected"}, headers={"Content-Type": "application/json"})

    # Over the page that the server draws it is the same dialog.
    dialog.get_by_role("button", name="Done").click()
    page = one.page
    page.goto(f"{ana.url}n/{document}")
    page.get_by_role("link", name="Share").click()
    dialog = page.get_by_role("dialog", name="Share “plan”")
    expect(dialog.get_by_role("button", name="Role of jo@app.org: Editor")).to_be_visible()
    assert dialog.get_by_role("list", name="People with access").bounding_box()["height"] > 100

    # Why can Jo edit? By which grant.
    dialog.get_by_role("button", name="What can someone do here, and why?").click()
    explain = page.get_by_role("dialog")
    explain.get_by_role("combobox", name="Who").fill("jo@app.org")
    page.get_by_role("option", name="jo@app.org").click()
    expect(explain.get_by_role("row", name=re.compile("Edit.*yes.*Editor, direct"))).to_be_visible()
    expect(explain.get_by_role("row", name=re.compile("Share.*no"))).to_be_visible()
    expect(explain.get_by_text("has never signed in here")).to_have_count(0)
    explain.get_by_role("combobox", name="Who").fill("nobody-yet@app.org")
    page.get_by_role("option", name="nobody-yet@app.org").click()
    expect(explain.get_by_text("nobody-yet@app.org has never signed in here")).to_be_visible()
    explain.get_by_role("button", name="Back to sharing").click()

    # Take it away again: at once, and undone by one click.
    for role in ("Editor", "Viewer"):
        page.get_by_role("dialog").get_by_role("button", name=f"Role of jo@app.org: {role}").click()
        page.get_by_role("menuitem", name="Take the access away").click()
        expect(page.get_by_role("dialog").get_by_role("button", name=f"Role of jo@app.org: {role}")).to_have_count(0)
    jo.want(404, "GET", f"v1/resources/{document}")
    one.close()
    two.close()


def test_sharing_what_runs_in_an_environment(browser, ana, jo):
    """Who is to run a document is let use its environment, by whoever may say so."""
    home = id_of(ana, ana.home)
    environment = ana.want(201, "POST", "v1/resources", {"parent": home, "type": "environment", "name": "nightly.toml", "content": ""}, headers={"Content-Type": "application/json"})["id"]
    nb = notebook("SELECT 1 AS planned")
    nb["metadata"]["kernelspec"] = {"name": "env-" + environment, "display_name": "nightly"}
    ana.save_notebook("runs.ipynb", nb)
    document = id_of(ana, ana.home + "/runs.ipynb")
    one = App(browser, ana, viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = one.page
    page.goto(f"{ana.url}n/{document}")
    expect(page.get_by_role("complementary", name="Details")).to_contain_text("nightly")
    page.get_by_role("link", name="Share").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Share"))
    dialog.get_by_role("combobox", name="Add people or groups").fill("jo@app.org")
    page.keyboard.press("Enter")
    lend = dialog.get_by_role("checkbox", name=re.compile("Let them use its environment “nightly”"))
    expect(dialog.get_by_role("button", name="Viewer Role")).to_be_visible()
    expect(lend).to_have_count(0)  # who only reads needs none
    dialog.get_by_role("button", name="Viewer Role").click()
    page.get_by_role("option", name="Runner").click()
    expect(lend).to_be_checked()
    page.screenshot(path=os.path.join(SHOTS, "app-environment-light-1280.png"))
    assert barriers(page) == []
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("button", name="Role of jo@app.org: Runner")).to_be_visible()
    expect(page.get_by_text("jo@app.org has access")).to_be_visible()
    assert [e["name"] for e in jo.want(200, "GET", "v1/environments")["items"]] == ["nightly.toml"]
    # Somebody who only read, and now is to run it, is told of.
    share(ana, ana, ana.path("runs.ipynb"), "viewer", "lee@app.org")
    page.reload()
    page.get_by_role("link", name="Share").click()
    dialog.get_by_role("button", name="Role of lee@app.org: Viewer").click()
    page.get_by_role("menuitem", name="Runner").click()
    note = page.get_by_role("alertdialog").filter(has_text="lee@app.org cannot use its environment “nightly” yet")
    with page.expect_response(lambda r: r.request.method == "PUT" and environment in r.url):
        note.get_by_role("button", name="Let them").click()
    expect(note).to_have_count(0)
    assert "user:lee@app.org" in json.dumps(ana.want(200, "GET", f"v1/resources/{environment}/iam-policy"))
    # Jo, made an editor elsewhere, cannot give away what is Ana's.
    share(ana, ana, ana.path("runs.ipynb"), "owner", "jo@app.org")
    two = App(browser, jo)
    other = two.page
    other.goto(f"{jo.url}n/{document}")
    other.get_by_role("link", name="Share").click()
    dialog = other.get_by_role("dialog", name=re.compile("^Share"))
    dialog.get_by_role("combobox", name="Add people or groups").fill("lee@app.org")
    other.keyboard.press("Enter")
    dialog.get_by_role("button", name="Viewer Role").click()
    other.get_by_role("option", name="Editor").click()
    expect(dialog.get_by_text("Whether they may use that is for its owner to say")).to_be_visible()
    one.close()
    two.close()


@pytest.mark.parametrize("scheme, width", [("light", 390), ("dark", 1280)])
def test_inviting_somebody_new(browser, ana, scheme, width):
    """Ana shares with somebody who has no account, sends them a link, and they come, and come back."""
    kim = f"kim-{scheme}@partner.org"
    name = f"for-{scheme}.ipynb"
    ana.save_notebook(name, notebook("SELECT 1 AS planned"))
    document = id_of(ana, ana.home + "/" + name)
    options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "bypass_csp": True, "reduced_motion": "reduce"}
    one = App(browser, ana, **options)
    page = one.page
    page.goto(f"{ana.url}n/{document}")
    page.get_by_role("link", name="Share").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Share"))
    for who in (kim, "lee@elsewhere.org"):
        dialog.get_by_role("combobox", name="Add people or groups").fill(who)
        page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_text("direct, has no account here yet")).to_have_count(1)  # of whom may be invited
    dialog.get_by_role("button", name="Invite", exact=True).click()
    link = dialog.get_by_role("textbox", name="The link")
    expect(link).to_be_visible()
    expect(dialog.get_by_text("invited, has not come yet")).to_be_visible()
    page.screenshot(path=os.path.join(SHOTS, f"app-invite-{scheme}-{width}.png"))
    assert barriers(page) == []
    lost, address = link.input_value(), ""
    dialog.get_by_role("button", name=f"Role of {kim}: Viewer").click()
    page.get_by_role("menuitem", name="Make a new invitation").click()
    expect(link).not_to_have_value(lost)
    address = link.input_value()
    one.close()

    context = browser.new_context(**options)
    guest = context.new_page()
    guest.goto(lost)
    expect(guest.get_by_role("alert")).to_contain_text("has been used or has expired")
    guest.goto(address)
    expect(guest.get_by_role("heading", name="Welcome to Sextant")).to_be_visible()
    guest.screenshot(path=os.path.join(SHOTS, f"app-welcome-{scheme}-{width}.png"))
    assert barriers(guest) == []
    guest.keyboard.type("Kim Lee")
    guest.keyboard.press("Tab")
    guest.keyboard.type("correct horse battery")
    guest.keyboard.press("Enter")
    expect(guest.get_by_text("planned")).to_be_visible()
    assert guest.url == f"{ana.url}n/{document}"
    context.clear_cookies()
    guest.goto(f"{ana.url}n/{document}")
    guest.get_by_role("textbox", name="Mail address").fill(kim)
    guest.get_by_role("textbox", name="Password").fill("correct horse battery")
    guest.keyboard.press("Enter")
    expect(guest.get_by_text("planned")).to_be_visible()
    context.close()
    assert ana.want(200, "GET", f"v1/directory/names?member=user:{kim}")["items"] == [{"member": f"user:{kim}", "name": "Kim Lee"}]



def test_general_access_and_links(app, browser, ana):
    ana.save_notebook("open.ipynb", notebook("SELECT 1"))
    document = id_of(ana, ana.home + "/open.ipynb")
    page = app.at(f"n/{id_of(ana, ana.home)}")
    page.get_by_role("searchbox", name="Filter by name or tag").fill("open")
    app.action("open", "Share…")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("General access")).click()
    page.get_by_role("option", name="Everybody who signed in can view").click()
    expect(dialog.get_by_role("button", name=re.compile("Everybody who signed in can view"))).to_be_visible()
    policy = ana.want(200, "GET", f"v1/resources/{document}/iam-policy")
    assert {"role": "viewer", "members": ["allAuthenticatedUsers"]} in policy["bindings"]
    dialog.get_by_role("button", name="Links that need no sign-in").click()
    dialog.get_by_role("textbox", name="What it is for").fill("board")
    dialog.get_by_role("button", name="Make a link").click()
    address = dialog.get_by_role("textbox", name="The link").input_value()
    assert address.startswith(ana.url + "s/sxl_"), address
    other = browser.new_context().new_page()
    assert other.goto(address).status == 200
    dialog.get_by_role("button", name="End", exact=True).click()
    expect(dialog.get_by_role("button", name="End", exact=True)).to_have_count(0)
    assert other.goto(address).status == 404
    other.context.close()


def test_leads_to_where_it_stands_in_jupyterlab(server, ana, jo):
    ana.save_notebook("lab me.ipynb", notebook("SELECT 1"))
    path = ana.home + "/lab me.ipynb"
    document = share(server, ana, path, "viewer", "jo@app.org")
    home = id_of(ana, ana.home)

    def leads(peer, id):
        answer = peer.get(f"n/{id}/lab", headers={"Accept": "text/html"})
        return answer.status_code, answer.headers.get("Location", "").removeprefix("/team%20x/")

    assert leads(ana, document) == (303, "lab/tree/home/ana@app.org/lab%20me.ipynb")
    assert leads(ana, home) == (303, "lab/tree/home/ana@app.org")
    assert leads(server, "root") == (303, "lab/tree/")
    assert leads(jo, document) == (303, "lab/tree/Shared%20with%20me/lab%20me.ipynb")
    jo.want(200, "GET", "api/contents/Shared%20with%20me/lab%20me.ipynb")
    assert leads(jo, home)[0] == leads(jo, "019ad000-0000-7000-8000-000000000000")[0] == 404


def test_by_keyboard_alone(app, ana):
    folder = make_folder(ana, "keys")
    for name in ("a.sql", "b.sql", "c.sql"):
        make(ana, folder, name)
    page = app.at(f"n/{folder}")
    expect(app.row("a.sql")).to_be_visible()
    for _ in range(60):  # to the list, by Tab
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement?.closest('[role=grid]') !== null"):
            break
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 selected")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("1 selected")).to_have_count(0)
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_role("textbox", name="Name").input_value()
    page.keyboard.type("zeta.sql")  # what is there is selected
    page.keyboard.press("Enter")
    expect(app.row("zeta.sql")).to_be_visible()
    expect(app.row(name)).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("F6")
    page.keyboard.press("Control+k")
    page.keyboard.type("Trash")
    expect(page.get_by_role("menuitem", name="Trash")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()


def test_without_script(browser, ana):
    folder = make_folder(ana, "plain")
    make(ana, folder, "read.sql", "SELECT 'plainly'")
    one = Visit(browser, ana, java_script_enabled=False)
    page = one.open(folder)
    page.get_by_role("link", name="read.sql").click()
    expect(page.get_by_text("plainly")).to_be_visible()
    page.goto(ana.url)
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    page.get_by_role("searchbox", name="Search documents").fill("plainly")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="read.sql")).to_be_visible()
    one.close()


def test_what_one_may_not_see(browser, ana, jo):
    folder = make_folder(ana, "private")
    two = App(browser, jo)
    two.page.goto(f"{jo.url}n/{folder}")
    expect(two.page.get_by_text("not here, or not for you")).to_be_visible()
    page = two.at("search?q=private")
    expect(page.get_by_text("Nothing that you can read")).to_be_visible()
    two.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_everybody_can_use_it(browser, ana, scheme, width):
    """axe finds nothing on pages, menus and dialogs, and there are pictures to look at."""
    os.makedirs(SHOTS, exist_ok=True)
    folder = f"{ana.home}/look"
    if ana.get("v1/resolve?path=/" + folder).status_code == 404:
        into = make_folder(ana, "look")
        for name in ("Why flights are late.sql", "Fuel and weather.sql", "routes.csv"):
            make(ana, into, name, "a\n1\n")
        ana.want(201, "POST", "v1/resources", {"parent": into, "type": "folder", "name": "Archive"}, headers={"Content-Type": "application/json"})
        ana.save_notebook("look/Gate planning.ipynb", notebook("SELECT 1"))
    one = App(browser, ana, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    faults = {}

    def look(name):
        one.page.screenshot(path=os.path.join(SHOTS, f"app-{name}-{scheme}-{width}.png"))
        if AXE:
            faults[name] = barriers(one.page)

    page = one.at()
    expect(page.get_by_role("region", name="Recent")).to_be_visible()
    look("home")
    page = one.at(f"n/{id_of(ana, folder)}")
    expect(one.row("Gate planning")).to_be_visible()
    look("folder")
    one.row("routes.csv").get_by_role("checkbox").check(force=True)
    look("selected")
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("button", name="Actions on Gate planning", exact=True).click()
    expect(page.get_by_role("menuitem", name="Share…")).to_be_visible()
    look("menu")
    page.get_by_role("menuitem", name="Share…").click()
    expect(page.get_by_role("list", name="People with access")).to_be_visible()
    page.get_by_role("button", name="Links that need no sign-in").click()
    look("share")
    page.get_by_role("button", name="What can someone do here, and why?").click()
    page.get_by_role("combobox", name="Who").fill("ana@app.org")
    page.get_by_role("option", name="ana@app.org").click()
    expect(page.get_by_role("row", name=re.compile("Edit.*yes"))).to_be_visible()
    look("explain")
    page.get_by_role("button", name="Done").click()
    one.action("Gate planning", "Move…")
    expect(page.get_by_role("dialog").get_by_role("row", name="My documents")).to_be_visible()
    look("move")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("flights")
    expect(page.get_by_role("menuitem", name="Why flights are late.sql")).to_be_visible()
    look("palette")
    for name, path in {"search": "search?q=flights", "trash": "trash", "shared": "shared"}.items():
        page = one.at(path)
        expect(page.locator("main h1")).to_be_visible()
        look(name)
    if width < 900:
        page.get_by_role("button", name="Folders").click()
        look("drawer")
    one.context.close()
    assert not any(faults.values()), json.dumps(faults, indent=1)
