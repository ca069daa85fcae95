"""What `content/render` makes of attacks, in a real browser: nothing acts, and nothing is fetched."""

import os
import subprocess

import pytest
from playwright.sync_api import sync_playwright

from servers import CHROMIUM, ROOT

pytestmark = pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="no Chromium: apt-get install chromium")

WATCH = """
window.acted = [];
addEventListener("securitypolicyviolation", e => acted.push("violates " + e.violatedDirective + ": " + e.blockedURI), true);
for (const name of ["alert", "confirm", "prompt", "print"]) window[name] = () => acted.push(name);
"""


class Watched:
    def __init__(self, browser):
        self.acted = []
        self.page = browser.new_page()
        self.page.add_init_script(WATCH)
        self.page.on("request", lambda r: r.url.startswith(("data:", "file:///")) or self.acted.append("fetches " + r.url[:200]))
        self.page.on("popup", lambda p: self.acted.append("opens " + p.url))
        self.page.on("dialog", lambda d: (self.acted.append(d.type), d.dismiss()))

    def open(self, file):
        """What a page did: while loading, and after a click on each of its summaries."""
        self.acted.clear()
        self.page.goto("file://" + str(file))
        self.page.evaluate("for (const s of document.querySelectorAll('summary')) s.click()")
        return self.acted + self.page.evaluate("acted")


@pytest.mark.timeout(1200)  # it opens a thousand pages
def test_attacks_in_a_browser(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    made = subprocess.run(["go", "test", "-count=1", "-run", "^TestNothingActs$", "./content/render", "-args", "-xss-pages", str(pages)], cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stdout + made.stderr
    files = sorted(pages.iterdir())
    assert len(files) >= 1000
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        watched = Watched(browser)
        bad = tmp_path / "bad.html"
        for act in ("<img src=x onerror=alert(1)>", "<img src=http://127.0.0.1:9/x>", "<meta http-equiv=Content-Security-Policy content=\"img-src 'none'\"><img src=http://127.0.0.1:9/x>"):
            bad.write_text(act)
            watched.open(bad)
            watched.page.wait_for_load_state("load")
            assert watched.acted + watched.page.evaluate("acted"), f"{act} is not noticed"
        acted = {f.name: did for f in files if (did := list(watched.open(f)))}
        browser.close()
    assert not acted
