"""Code finds what lies beside its notebook, and what it writes there becomes content."""

import time

import pytest
from servers import notebook, share, user
from channels import Channels, open_notebook


@pytest.fixture
def folder(sextant, request):
    name = request.node.name.replace("[", "-").replace("]", "")
    sextant.want(201, "PUT", sextant.contents(name), {"type": "directory"})
    return sextant.as_user(sextant.token, sextant.path(name))


def settled(peer, name, want):
    """The text of a file once it is what is wanted: files are saved after their cell."""
    until = time.monotonic() + 30
    while True:
        r = peer.get("files/" + peer.path(name))
        if r.status_code == 200 and r.text == want:
            return
        assert time.monotonic() < until, (r.status_code, r.text)
        time.sleep(0.05)


def test_sql_reads_and_writes_beside_its_notebook(folder):
    folder.save_text("data.csv", "city,n\nOslo,1\nRome,41\n")
    folder.want(201, "PUT", folder.contents("sub"), {"type": "directory"})
    folder.save_text("sub/more.csv", "n\n7\n")
    folder.save_notebook("a.ipynb", notebook("SELECT 1"))
    folder.save_notebook("sub/b.ipynb", notebook("SELECT 1"))
    _, a = open_notebook(folder, folder.path("a.ipynb"))
    _, b = open_notebook(folder, folder.path("sub/b.ipynb"))
    a, b = Channels(folder, a), Channels(folder, b)
    assert "42" in a.run("SELECT sum(n) AS s FROM 'data.csv'")
    assert "49" in a.run("SELECT (SELECT sum(n) FROM read_csv('data.csv')) + (SELECT sum(n) FROM 'sub/*.csv') AS s")
    # Each document has its own folder, over the one database.
    assert "7" in b.run("SELECT n FROM 'more.csv'")
    assert "Exception" in b.run("SELECT n FROM 'data.csv'")
    a.run("COPY (SELECT sum(n) AS total FROM 'data.csv') TO 'out.csv'")
    settled(folder, "out.csv", "total\n42\n")
    b.run("COPY (SELECT 1 AS x) TO 'mine.csv'")
    settled(folder, "sub/mine.csv", "x\n1\n")
    history = folder.want(200, "GET", "v1/resolve?path=/" + folder.path("out.csv"))
    assert history["revisionNumber"] == 1
    a.close()
    b.close()


def test_python_reads_imports_and_writes(folder):
    folder.save_text("data.csv", "n\n1\n41\n")
    folder.save_text("helpers.py", "def double(x): return 2 * x\n")
    folder.save_notebook("a.ipynb", notebook("1"))
    _, k = open_notebook(folder, folder.path("a.ipynb"), "python3")
    c = Channels(folder, k)
    assert c.run("import helpers; helpers.double(21)") == "42"
    assert c.run("sum(int(l) for l in open('data.csv').read().split()[1:])") == "42"
    c.run("import os; os.makedirs('new/deep'); open('new/deep/f.txt', 'w').write('made'); open('scratch/t.txt', 'w').write('x'); open('data.csv', 'a').write('8\\n')")
    settled(folder, "new/deep/f.txt", "made")
    settled(folder, "data.csv", "n\n1\n41\n8\n")
    assert folder.get("files/" + folder.path("scratch/t.txt")).status_code == 404
    # What somebody else saves is there for the next cell.
    folder.want(200, "PUT", folder.contents("data.csv"), {"type": "file", "format": "text", "content": "n\n5\n"})
    until = time.monotonic() + 30
    while c.run("open('data.csv').read()") != "'n\\n5\\n'":
        assert time.monotonic() < until
    # A link out of the directory makes nothing content.
    c.run("os.symlink('/etc/passwd', 'leak.txt'); os.symlink('/etc', 'etc'); os.mkfifo('pipe'); open('after.txt', 'w').write('y')")
    settled(folder, "after.txt", "y")
    for name in ("leak.txt", "etc", "etc/passwd", "pipe"):
        assert folder.get("files/" + folder.path(name)).status_code == 404
    c.close()


def test_who_may_not_write_is_told(sextant, folder):
    folder.save_text("data.csv", "n\n42\n")
    folder.save_notebook("a.ipynb", notebook("1"))
    bob = user(sextant, "files-bob@x.org")
    share(sextant, folder, folder.home, "viewer", "files-bob@x.org")
    bob.want(200, "GET", folder.contents("a.ipynb"))
    _, k = open_notebook(bob, folder.path("a.ipynb"), "python3")
    c = Channels(bob, k)
    assert c.run("open('data.csv').read()") == "'n\\n42\\n'"
    c.run("open('mine.txt', 'w').write('x'); open('data.csv', 'w').write('broken')")
    until = time.monotonic() + 30
    while "stays in the session only" not in c.run("1"):
        assert time.monotonic() < until
    assert folder.get("files/" + folder.path("data.csv")).text == "n\n42\n"
    assert folder.get("files/" + folder.path("mine.txt")).status_code == 404
    c.close()
