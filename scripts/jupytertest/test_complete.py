"""Completion knows the session's own names, also while a statement runs on it."""

import pytest

LONG = "SELECT count(*) FROM range(100000000000) r(i) WHERE hash(i) % 7 = 1"


def complete(kernel, text):
    at = text.index("^")
    kernel.kc.complete(text.replace("^", ""), at)
    return kernel.kc.get_shell_msg(timeout=10)["content"]["matches"]


SETUP = """
ATTACH ':memory:' AS other;
CREATE TABLE other.main.faraway (distance_km DOUBLE, planet VARCHAR);
CREATE SCHEMA other.deep;
CREATE TABLE other.deep.nested_one (leaf INTEGER);
CREATE TABLE memory.main.home (street VARCHAR);
CREATE TEMP TABLE scratch (scribble VARCHAR);
USE other;
"""

WANTED = [
    ("SELECT dis^ FROM faraway", "distance_km"),
    ("SELECT f.^ FROM faraway f", "planet"),
    ("SELECT * FROM far^", "faraway"),
    ("SELECT * FROM deep.^", "nested_one"),
    ("SELECT n.^ FROM deep.nested_one n", "leaf"),
    ("SELECT h.^ FROM memory.home h", "street"),
    ("SELECT scr^ FROM scratch", "scribble"),
    ("SELECT * FROM scr^", "scratch"),
    ("SELECT o.^ FROM other.deep.nested_one o", "leaf"),
]


@pytest.mark.parametrize("when", ["idle", "busy", "changed"])
def test_names_of_the_session(kernel, when):
    assert kernel.run(SETUP).status == "ok"
    complete(kernel, "SELECT * FROM ^")
    request = None
    if when == "busy":
        request = kernel.send(LONG)
        kernel.wait_output(request, "display_data")
    for n, (text, wanted) in enumerate(WANTED):
        if when == "changed":
            kernel.run("CREATE TABLE memory.main.more_%d (a INTEGER)" % n)
        assert wanted in complete(kernel, text), text
    if request:
        kernel.control("interrupt_request")
        kernel.collect([request])


def test_what_was_not_there_is_found_once_it_is(kernel):
    assert "late_column" not in complete(kernel, "SELECT lat^ FROM later")
    kernel.run("CREATE TABLE later (late_column INTEGER)")
    assert "late_column" in complete(kernel, "SELECT lat^ FROM later")
    kernel.run("BEGIN; CREATE TABLE unsaved (early_column INTEGER)")
    assert "early_column" in complete(kernel, "SELECT ear^ FROM unsaved")
    kernel.run("ROLLBACK")
    assert "early_column" not in complete(kernel, "SELECT ear^ FROM unsaved")


def test_looking_never_aborts_a_transaction(kernel):
    kernel.run("CREATE TABLE t (a INTEGER); BEGIN; INSERT INTO t VALUES (1)")
    for text in ("SELECT x.^ FROM nosuch x", "SELECT x.^ FROM 'nosuch.csv' x", "SELECT x.^ FROM read_csv('nosuch.csv') x"):
        complete(kernel, text)
        kernel.kc.inspect(text.replace("^", ""), len(text) - 3)
        kernel.kc.get_shell_msg(timeout=10)
    assert kernel.run("COMMIT; SELECT count(*) FROM t").status == "ok"


def test_macros_made_here_are_offered(kernel):
    complete(kernel, "SELECT ^")
    kernel.run("CREATE MACRO my_special_macro(x) AS x + 1")
    assert any(m.startswith("my_special_macro") for m in complete(kernel, "SELECT my_sp^"))
