"""Running documents from their pages, in a real browser."""

import json
import os
import re

import pytest
from playwright.sync_api import expect

from servers import notebook, share, user
from test_server_browser import browser, pytestmark  # noqa: F401: fixtures
from test_server_jobs import events, finish, run
from test_server_pages import SHOTS, Visit, barriers

PLOTLY = """import json, time
from IPython.display import publish_display_data
print("region is", region, flush=True)
time.sleep(1.5)
publish_display_data({"application/vnd.plotly.v1+json": {"data": [{"y": [1, 3, 2]}], "layout": {}}, "text/plain": "a figure"})"""


@pytest.fixture(scope="module")
def runner(sextant):
    one = user(sextant, "runner@runs.org")
    one.save_text("mine.sql", "SELECT 1")
    return one


@pytest.fixture(scope="module")
def documents(sextant, runner):
    """What the runner may run, by name."""
    out = {}
    nb = notebook("region = 'EU'\nn: int = 3\nfull = True\nnames = ['a']", PLOTLY, "[region, n, full, names]")
    nb["cells"][0]["metadata"]["tags"] = ["parameters"]
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    sextant.save_notebook("runs-python.ipynb", nb)
    out["python"] = share(sextant, sextant, sextant.path("runs-python.ipynb"), "runner", "runner@runs.org")
    sextant.save_text("runs-script.sql", "-- ---\n-- parameters:\n--   day: DATE\n--   region: VARCHAR = 'EU'\n-- ---\nSELECT $region AS region, year($day) AS year")
    out["script"] = share(sextant, sextant, sextant.path("runs-script.sql"), "runner", "runner@runs.org")
    nb = notebook("1 / 0", "print('never')")
    nb["metadata"]["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    sextant.save_notebook("runs-failing.ipynb", nb)
    out["failing"] = share(sextant, sextant, sextant.path("runs-failing.ipynb"), "runner", "runner@runs.org")
    return out


def test_running_with_other_values(browser, runner, documents):
    one = Visit(browser, runner)
    page = one.open(documents["python"])
    page.get_by_role("link", name="Run…").click()
    expect(page.get_by_label("region")).to_have_value("EU")
    page.get_by_label("n int").fill("many")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_have_text('n: "many" is no number')
    expect(page.get_by_label("n int")).to_have_value("many")
    page.get_by_label("n int").fill("12")
    page.get_by_label("region").fill("it's \"US\"")
    page.get_by_label("full").select_option("false")
    page.get_by_label("names").fill('["x", null]')
    # By keyboard from here on.
    page.get_by_role("button", name="Run").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/jobs/"))
    # What comes is shown as it comes, without loading the page; the figure is drawn when all is done.
    page.evaluate("window.same = true")
    expect(page.get_by_text("region is it's \"US\"")).to_be_visible()
    assert page.evaluate("window.same")
    expect(page.locator(".facts .chip").first).to_have_text("✓ Done")
    expect(page.get_by_text("[\"it's \"US\"\"", exact=False).or_(page.get_by_text("12, False, ['x', None]", exact=False)).first).to_be_visible()
    expect(page.locator("iframe.outputs")).to_have_count(1)
    assert page.evaluate("getComputedStyle(document.querySelector('.bar')).position") == "sticky"  # loaded again, it is still styled
    page.get_by_role("button", name="Save as a document").click()
    expect(page).to_have_url(re.compile("/n/"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("runs-python")
    expect(page.get_by_text("region is it's \"US\"")).to_be_visible()
    page.goto(runner.url + "jobs")
    expect(page.get_by_role("link", name="runs-python").first).to_be_visible()
    one.close()


def test_a_script_without_script(browser, runner, documents):
    """No JavaScript: forms and a page that is loaded again by itself."""
    one = Visit(browser, runner, java_script_enabled=False)
    page = one.open(documents["script"])
    page.get_by_role("link", name="Run…").click()
    page.get_by_label("day").fill("2024-05-06")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".facts .chip").first).to_have_text("✓ Done", timeout=20000)
    expect(page.get_by_role("cell", name="2024")).to_be_visible()
    one.close()


def test_cancelling_from_the_page(browser, runner):
    job = run(runner, statement="import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.1)", kernel="python3")
    for e in events(runner, job["id"]):
        if e["kind"] == "output":
            break
    one = Visit(browser, runner)
    page = one.page
    page.goto(f"{runner.url}jobs/{job['id']}?token={runner.token}")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(".facts .chip").first).to_have_text("Cancelled", timeout=20000)
    expect(page.get_by_text("begun", exact=True)).to_be_visible()
    one.close()


def test_whose_pages_they_are(sextant, runner, documents):
    reader, stranger = user(sextant, "reader@runs.org"), user(sextant, "stranger@runs.org")
    share(sextant, sextant, sextant.path("runs-script.sql"), "viewer", "reader@runs.org")
    done, _ = finish(runner, run(runner, document=documents["script"], parameters={"day": "2024-01-01"}))
    pages = [("GET", f"jobs/{done['id']}"), ("GET", f"jobs/{done['id']}/download"), ("GET", f"jobs/{done['id']}/rich/0"), ("POST", f"jobs/{done['id']}/cancel"), ("POST", f"jobs/{done['id']}/save")]
    for method, path in pages[:2] + pages[3:]:
        assert runner.do(method, path, headers={"Accept": "text/html"}).status_code in (200, 303), path
    for peer in (reader, stranger, sextant):
        for method, path in pages:
            r = peer.do(method, path, headers={"Accept": "text/html"})
            assert r.status_code == 404 and "runs-script" not in r.text, (peer.name, path)
    form = {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    for peer in (reader, stranger):
        for method in ("GET", "POST"):
            r = peer.do(method, f"n/{documents['script']}/run", "p.day=2024-01-01", headers=form)
            assert r.status_code == 404 and "runs-script" not in r.text
    assert "Run…" not in reader.want(200, "GET", f"n/{documents['script']}", headers={"Accept": "text/html"}).text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_these_pages_can_be_used_by_everybody(browser, runner, documents, scheme, width):
    failed, _ = finish(runner, run(runner, document=documents["failing"]))
    slow = run(runner, statement="import time\ntime.sleep(60)", kernel="python3")
    one = Visit(browser, runner, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = one.open(documents["python"])
    faults = {}
    for name, path in {"run": f"n/{documents['python']}/run", "job-failed": f"jobs/{failed['id']}", "job-running": f"jobs/{slow['id']}", "jobs": "jobs"}.items():
        page.goto(runner.url + path)
        page.screenshot(path=os.path.join(SHOTS, f"page-{name}-{scheme}-{width}.png"))
        faults[name] = barriers(page)
    one.context.close()
    runner.want(202, "POST", f"v1/jobs/{slow['id']}/cancel")
    assert not any(faults.values()), json.dumps(faults, indent=1)
