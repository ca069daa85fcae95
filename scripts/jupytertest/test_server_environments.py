"""Environments, data sources, secrets and packages, through the API, the command line and real kernels."""

import http.server
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import urllib.parse
import uuid
import zipfile

import duckdb
import pytest
from channels import Channels
from servers import ROOT, start_sextant, stop, user

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A directory that data sources may be in."""
    d = tmp_path_factory.mktemp("sources")
    (d / "files" / "sales" / "year=2024").mkdir(parents=True)
    (d / "files" / "people.csv").write_text("name,born\nAda,1815\n")
    (d / "files" / "sales" / "year=2024" / "a.csv").write_text("amount\n7\n")
    with duckdb.connect(str(d / "shop.duckdb")) as db:
        db.execute("CREATE TABLE orders AS SELECT 11 AS id")
    with sqlite3.connect(d / "old.db") as db:
        db.execute("CREATE TABLE people (name TEXT)")
        db.execute("INSERT INTO people VALUES ('Grace')")
    return d


class Index(http.server.BaseHTTPRequestHandler):
    """A package index with one package."""

    def do_GET(self):
        if self.path == "/simple/sextant-tiny/":
            body, kind = b'<a href="/sextant_tiny-1.0-py3-none-any.whl">sextant_tiny-1.0-py3-none-any.whl</a>', "text/html"
        elif self.path.endswith(".whl"):
            body, kind = wheel(), "application/zip"
        else:
            return self.send_error(404)
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def wheel():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        info = "sextant_tiny-1.0.dist-info/"
        z.writestr("sextant_tiny.py", "answer = 42\n")
        z.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: sextant_tiny\nVersion: 1.0\n")
        z.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(info + "RECORD", "sextant_tiny.py,,\n%sMETADATA,,\n%sWHEEL,,\n%sRECORD,,\n" % (info, info, info))
    return out.getvalue()


@pytest.fixture(scope="module")
def index():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d/simple/" % server.server_port
    server.shutdown()


@pytest.fixture(scope="module")
def server(tmp_path_factory, data, index):
    peer = start_sextant(tmp_path_factory.mktemp("env") / "data", source_dirs=data, package_index=index)
    peer.get("api/contents")
    yield peer
    stop(peer)


@pytest.fixture(scope="module")
def ana(server):
    return user(server, "ana@x.org")


@pytest.fixture(scope="module")
def bob(server):
    return user(server, "bob@x.org")


def home(who):
    return who.want(200, "GET", "v1/resolve?path=/" + who.home)["id"]


def make(who, kind, text, name=None, status=201):
    body = {"parent": home(who), "type": kind, "name": name or "r" + uuid.uuid4().hex[:8], "content": text}
    return who.want(status, "POST", "v1/resources", body, headers=JSON)


def environment(who, text, name=None):
    return make(who, "environment", text, name)["id"]


def source(who, text, name=None):
    return make(who, "dataSource", text, name)["id"]


def grant(owner, resource, role, member):
    policy = owner.want(200, "GET", f"v1/resources/{resource}/iam-policy")
    policy["bindings"] = policy.get("bindings", []) + [{"role": role, "members": [f"user:{member}"]}]
    owner.want(200, "PUT", f"v1/resources/{resource}/iam-policy", policy, headers=JSON)


class Started:
    """A kernel in an environment."""

    def __init__(self, who, kernel):
        self.who, self.id = who, who.want(201, "POST", "api/kernels", {"name": kernel})["id"]
        self.channels = Channels(who, self.id)

    def run(self, code):
        return self.channels.run(code)

    def restart(self):
        self.who.want(200, "POST", f"api/kernels/{self.id}/restart", {})


@pytest.fixture
def start(request):
    """Starts kernels in environments, and ends them after the test."""
    began = []

    def start(who, env):
        k = Started(who, "env-" + env)
        began.append(k)
        return k

    yield start
    for k in began:
        k.channels.close()
        k.who.do("DELETE", f"api/kernels/{k.id}")


def command(who, *args, input=None, status=0):
    env = {**os.environ, "SEXTANT_SERVER": who.url, "SEXTANT_TOKEN": who.token}
    done = subprocess.run([os.path.join(ROOT, "bin", "sextant"), *args], env=env, input=input, capture_output=True, text=True, timeout=120)
    assert done.returncode == status, (args, done.stdout, done.stderr)
    return done


def postgres():
    url = os.environ.get("SEXTANT_TEST_POSTGRES")
    if not url:
        if os.environ.get("CI"):
            pytest.fail("SEXTANT_TEST_POSTGRES is not set")
        pytest.skip("SEXTANT_TEST_POSTGRES is not set")
    u = urllib.parse.urlsplit(url)
    text = f'kind = "postgres"\nhost = "{u.hostname}"\nport = {u.port}\ndatabase = "{u.path[1:]}"\nuser = "{u.username}"\npassword = "pw"\n'
    return text, urllib.parse.unquote(u.password)


def test_an_environment_is_a_kernel_for_who_may_use_it(server, ana, bob, start):
    env = environment(ana, 'init = "CREATE OR REPLACE TABLE greeting AS SELECT \'hello\' AS word"\n[parameters]\nregion = "eu"\ndays = 30\n', "nightly")
    name = "env-" + env
    specs = ana.want(200, "GET", "api/kernelspecs")
    spec = specs["kernelspecs"][name]
    assert spec["spec"]["display_name"] == "nightly" and spec["spec"]["language"] == "sql" and specs["default"] == "sextant"
    assert ana.want(200, "GET", "api/kernelspecs/" + name)["name"] == name
    # Bob sees nothing of it.
    assert name not in bob.want(200, "GET", "api/kernelspecs")["kernelspecs"]
    missing = "env-01890000-0000-7000-8000-000000000077"
    for path in ("api/kernelspecs/", "kernelspecs/%s/logo-svg.svg"):
        denied, absent = (bob.get(path % n if "%s" in path else path + n) for n in (name, missing))
        assert denied.status_code == absent.status_code == 404 and denied.text.replace(name, "") == absent.text.replace(missing, "")
    denied, absent = (bob.do("POST", "api/kernels", {"name": n}) for n in (name, missing))
    assert denied.status_code == absent.status_code == 404 and denied.json()["message"] == absent.json()["message"]
    k = start(ana, env)
    assert ana.want(200, "GET", f"api/kernels/{k.id}")["name"] == name
    assert "hello" in k.run("FROM greeting")
    assert "eu" in k.run("SELECT $region, getvariable('days') + 1") and "31" in k.run("SELECT $days + 1")
    grant(ana, env, "user", "bob@x.org")
    assert name in bob.want(200, "GET", "api/kernelspecs")["kernelspecs"]
    assert "hello" in start(bob, env).run("FROM greeting")
    assert bob.get(f"v1/resources/{env}/content").status_code == 403


def test_an_environment_with_a_fault_is_not_saved(ana):
    r = ana.do("POST", "v1/resources", {"parent": home(ana), "type": "environment", "name": "bad", "content": "kernel = \"python3\"\n[limits]\nmemori = \"1GB\"\n"}, headers=JSON)
    assert r.status_code == 400 and "line 3: limits.memori: there is no such key" in r.json()["detail"], r.text
    env = environment(ana, "")
    r = ana.do("PUT", f"v1/resources/{env}/content", "idle = \"1s\"", headers={"If-Match": "*"})
    assert r.status_code == 400 and "line 1: idle" in r.json()["detail"], r.text


def test_init_sql_that_fails_is_told_in_the_first_cell(ana, start):
    k = start(ana, environment(ana, 'init = """\nCREATE OR REPLACE TABLE made AS SELECT 5 AS x;\nFROM nowhere;\n"""'))
    out = k.run("FROM made")
    assert "init SQL failed" in out and "nowhere" in out and "5" in out
    assert "init SQL" not in k.run("FROM made")


def test_files_and_databases_are_schemas(server, ana, data, start):
    files, shop, old = (source(ana, text) for text in (f'kind = "folder"\npath = "{data}/files"', f'kind = "duckdb"\npath = "{data}/shop.duckdb"', f'kind = "sqlite"\npath = "{data}/old.db"'))
    env = environment(ana, "".join(f'[[sources]]\nsource = "{i}"\nname = "{n}"\n' for i, n in ((files, "files"), (shop, "shop"), (old, "old"))))
    k = start(ana, env)
    out = k.run("FROM files.people")
    assert "Ada" in out and "not" not in out, out
    assert "2024" in k.run("SELECT amount, year FROM files.sales")
    assert "11" in k.run("FROM shop.orders") and "Grace" in k.run("FROM old.people")
    for code in ("CREATE TABLE shop.mine (x INT)", "INSERT INTO old.people VALUES ('x')", f"COPY (SELECT 1) TO '{data}/files/new.csv'", f"FROM read_text('{data}/../nothing')"):
        assert "Exception" in k.run(code) or "Error" in k.run(code), code
    assert not (data / "files" / "new.csv").exists()
    with duckdb.connect(str(data / "mine.duckdb")) as db:  # one that no other session has open
        db.execute("CREATE TABLE orders AS SELECT 12 AS id")
    shop = source(ana, f'kind = "duckdb"\npath = "{data}/mine.duckdb"')
    k = start(ana, environment(ana, f'[[sources]]\nsource = "{shop}"\nname = "shop"\nwrite = true\n'))
    k.run("CREATE OR REPLACE TABLE shop.written AS SELECT 99 AS x")
    assert "99" in k.run("FROM shop.written")


def test_sources_that_are_not_there_are_told_and_the_session_starts(ana, bob, data, start, tmp_path):
    gone = source(ana, f'kind = "folder"\npath = "{data}/gone"')
    outside = source(ana, f'kind = "folder"\npath = "{tmp_path}"')
    bobs = source(bob, f'kind = "folder"\npath = "{data}/files"')
    dead = source(ana, 'kind = "postgres"\nhost = "127.0.0.1"\nport = 1\ndatabase = "d"\nuser = "u"\n')
    no_secret = source(ana, 'kind = "postgres"\nhost = "127.0.0.1"\nport = 1\ndatabase = "d"\nuser = "u"\npassword = "unset"\n')
    env = environment(ana, "".join(f'[[sources]]\nsource = "{i}"\nname = "{n}"\n' for i, n in ((gone, "gone"), (outside, "outside"), (bobs, "bobs"), (dead, "dead"), (no_secret, "nosecret"))))
    out = start(ana, env).run("SELECT 6 * 7")
    assert "42" in out
    for text in (f"gone is not attached: there is no {data}/gone", "outside is not attached: this server's data sources may not be in", "--source-dirs",
                 f"{bobs} is not attached: it is not there, or you may not use it", "dead is not attached: ", 'nosecret is not attached: the secret "unset" is not there'):
        assert text in out, (text, out)


def test_postgres(ana, bob, start):
    text, password = postgres()
    pg = source(ana, text, "warehouse")
    env = environment(ana, f'[[sources]]\nsource = "{pg}"\nname = "pg"\nwrite = true\n')
    ana.want(204, "PUT", f"v1/resources/{pg}/secrets/pw", {"value": "wrong-password"}, headers=JSON)
    out = start(ana, env).run("SELECT 'alive'")
    assert "alive" in out and "pg is not attached" in out and "password" in out and "wrong-password" not in out, out
    result = ana.want(200, "POST", f"v1/data-sources/{pg}/test")
    assert not result["ok"] and "password" in result["message"] and "warehouse" in result["message"], result
    # The right password makes another session of the environment.
    ana.want(204, "PUT", f"v1/resources/{pg}/secrets/pw", {"value": password}, headers=JSON)
    table = "t_" + uuid.uuid4().hex
    k = start(ana, env)
    try:
        out = k.run(f"CREATE TABLE pg.{table} AS SELECT 77 AS x; FROM pg.{table}")
        assert "77" in out and "not attached" not in out, out
        result = ana.want(200, "POST", f"v1/data-sources/{pg}/test")
        assert result["ok"] and table in result["tables"] and result["seconds"] > 0, result
        assert password not in k.run("FROM duckdb_secrets()") + k.run("SELECT path FROM duckdb_databases()")
        python = start(ana, environment(ana, f'kernel = "python3"\n[[sources]]\nsource = "{pg}"\nname = "pg"\n'))
        out = python.run(f"import sextant_sources\ncon = sextant_sources.connect()\ncon.execute('FROM pg.{table}').fetchall()")
        assert "77" in out, out
        assert "read-only" in python.run(f"con.execute('DROP TABLE pg.{table}')").lower()
        out = python.run("print(sextant_sources.info('pg')['password'])")
        assert password not in out and "•••" in out
    finally:
        k.run(f"DROP TABLE IF EXISTS pg.{table}")
    # Bob may use neither; then the environment, but not the source.
    assert bob.do("POST", f"v1/data-sources/{pg}/test").status_code == 404
    grant(ana, env, "user", "bob@x.org")
    assert "not there, or you may not use it" in start(bob, env).run("SELECT 1")
    grant(ana, pg, "user", "bob@x.org")
    k = start(bob, env)
    out = k.run("SELECT 1")
    assert "not attached" not in out and "pg may only be read" in out, out
    assert "read-only" in k.run("CREATE TABLE pg.t_bob (x INT)").lower()
    for method, path in (("GET", f"v1/resources/{pg}/secrets"), ("PUT", f"v1/resources/{pg}/secrets/pw"), ("DELETE", f"v1/resources/{pg}/secrets/pw")):
        assert bob.do(method, path, {"value": "12345"} if method == "PUT" else None, headers=JSON).status_code == 403


def test_secrets_are_given_to_kernels_and_hidden_in_outputs(server, ana, bob, start):
    value = "s3cret-" + uuid.uuid4().hex
    env = environment(ana, 'kernel = "python3"\n[variables]\nSTAGE = "test"\n[secrets]\nAPI_KEY = "api-key"\nMINE = "own:mine"\n')
    k = start(ana, env)
    out = k.run("import os; print(os.environ['STAGE'], 'API_KEY' in os.environ)")
    assert 'the secret "api-key" is not there' in out and 'sextant secret set mine' in out and "test False" in out, out
    ana.want(204, "PUT", f"v1/resources/{env}/secrets/api-key", {"value": value}, headers=JSON)
    ana.want(204, "PUT", "v1/me/secrets/mine", {"value": "my-own-" + value}, headers=JSON)
    k = start(ana, env)
    assert k.run("import os; len(os.environ['API_KEY']), os.environ['MINE'].startswith('my-')") == "(39, True)"
    for code in ("print(os.environ['API_KEY'])", "os.environ", "import sys\nfor c in os.environ['API_KEY']: print(c, end='', flush=True)", "raise Exception(os.environ['MINE'])"):
        out = k.run(code)
        assert value not in out and "•••" in out, (code, out)
    assert [s["name"] for s in ana.want(200, "GET", f"v1/resources/{env}/secrets")["items"]] == ["api-key"]
    assert value not in ana.get(f"v1/resources/{env}/secrets").text + ana.get("v1/me/secrets").text
    assert bob.want(200, "GET", "v1/me/secrets")["items"] == []
    grant(ana, env, "user", "bob@x.org")
    out = start(bob, env).run("import os; 'MINE' in os.environ, 'API_KEY' in os.environ")
    assert "(False, True)" in out
    sql = start(ana, environment(ana, 'init = "CREATE OR REPLACE TABLE k AS SELECT length(getvariable(\'KEY\')) AS n"\n[secrets]\nKEY = "own:mine"\n'))
    assert "46" in sql.run("FROM k")
    assert "NULL" in sql.run("SELECT getvariable('KEY')")


def test_init_code_of_python(ana, start):
    k = start(ana, environment(ana, 'kernel = "python3"\ninit = "import math\\ntau = 2 * math.pi"\n[parameters]\nname = "O\'Brien \\"x\\""\nn = 3\nyes = true\n'))
    assert k.run("round(tau, 2), name, n + 1, yes") == "(6.28, 'O\\'Brien \"x\"', 4, True)"
    k.run("tau = 0")
    k.restart()
    assert "6.28" in k.run("round(tau, 2)")
    k = start(ana, environment(ana, 'kernel = "python3"\ninit = "1/0"\n'))
    out = k.run("print('first')")
    assert "init code failed: ZeroDivisionError" in out and "first" in out
    assert k.run("print('second')") == "second\n"


def test_python_sees_files(ana, data, start):
    files = source(ana, f'kind = "folder"\npath = "{data}/files"')
    k = start(ana, environment(ana, f'kernel = "python3"\nnetwork = false\n[[sources]]\nsource = "{files}"\nname = "files"\n'))
    assert "Ada" in k.run("import sextant_sources, os\nsextant_sources.connect('files').execute('SELECT name FROM files.people').fetchall()")
    assert "2024" in k.run("sextant_sources.connect().execute('SELECT year FROM files.sales').fetchall()")
    assert "people.csv" in k.run("os.listdir(os.environ['SEXTANT_SOURCE_FILES'])")
    assert "Error" in k.run("open(os.environ['SEXTANT_SOURCE_FILES'] + '/new.csv', 'w')")
    assert "Error" in k.run(f"open('{data}/shop.duckdb', 'rb')")


def test_packages_are_installed_and_shared(server, ana, bob, start):
    env = environment(ana, 'kernel = "python3"\n[packages]\nrequirements = ["sextant-tiny==1.0"]\n', "tiny")
    assert ana.want(200, "GET", f"v1/environments/{env}/packages")["state"] == "none"
    assert bob.get(f"v1/environments/{env}/packages").status_code == 404
    out = command(ana, "env", "build", env).stdout
    assert "Successfully installed" in out and "ready:" in out
    assert "Successfully installed" in command(ana, "env", "log", "/home/ana@x.org/tiny").stdout
    k = start(ana, env)
    assert k.run("import sextant_tiny, ipykernel; sextant_tiny.answer") == "42"
    assert "Error" in k.run("open(sextant_tiny.__file__, 'a')")
    grant(ana, env, "user", "bob@x.org")
    assert start(bob, env).run("import sextant_tiny; sextant_tiny.answer") == "42"
    bad = environment(ana, 'kernel = "python3"\n[packages]\nrequirements = ["sextant-none"]\n', "none")
    r = ana.do("POST", "api/kernels", {"name": "env-" + bad})
    assert r.status_code == 400 and "No matching distribution found for sextant-none" in r.json()["message"], r.text
    failed = command(ana, "env", "build", bad, status=1)
    assert "No matching distribution" in failed.stderr


def test_limits(ana, start):
    k = start(ana, environment(ana, '[limits]\nmemory = "600MB"\nthreads = 1\ndisk = "50MB"\n'))
    assert "400" in k.run("SELECT current_setting('memory_limit')") and "1" in k.run("SELECT current_setting('threads')")
    assert "OutOfMemory" in k.run("SELECT count(*) FROM (SELECT DISTINCT i, md5(i::VARCHAR) FROM range(30000000) r(i))")
    k = start(ana, environment(ana, 'kernel = "python3"\n[limits]\nmemory = "500MB"\nthreads = 1\ndisk = "10MB"\n'))
    assert "MemoryError" in k.run("x = bytearray(700_000_000)")
    assert "1" in k.run("import os; os.environ['OMP_NUM_THREADS']")
    assert "Error" in k.run("open('big', 'wb').write(b'x' * 11_000_000)")


def test_a_pinned_revision(server, ana, bob, start):
    env = environment(ana, "[parameters]\nv = 1\n")
    first = ana.want(200, "GET", f"v1/resources/{env}")["revision"]
    ana.want(200, "PUT", f"v1/resources/{env}/content", "[parameters]\nv = 2\n", headers={"If-Match": "*"})
    grant(ana, env, "user", "bob@x.org")
    assert "2" in start(bob, env).run("SELECT $v AS v")
    assert bob.do("POST", "api/kernels", {"name": f"env-{env}@{first}"}).status_code == 404
    ana.want(204, "PATCH", f"v1/resources/{env}/revisions/{first}", {"name": "stable"}, headers=JSON)
    assert "1" in start(bob, f"{env}@{first}").run("SELECT $v AS v")


def test_the_command_line(server, ana, data, tmp_path):
    file = tmp_path / "files.toml"
    file.write_text(f'kind = "folder"\npath = "{data}/files"\n')
    out = command(ana, "source", "put", str(file), "/home/ana@x.org/my files").stdout
    assert "created" in out and "works: 2 tables" in out and "people" in out
    file.write_text(f'kind = "folder"\npath = "{data}/nowhere"\n')
    failed = command(ana, "source", "put", str(file), "/home/ana@x.org/my files", status=1)
    assert f"there is no {data}/nowhere" in failed.stderr and "saved" in failed.stdout
    file.write_text('kernel = "python3"\nidle = 3\n')
    assert "line 2" in command(ana, "env", "check", str(file), status=1).stderr
    file.write_text('kernel = "python3"\n')
    assert "created" in command(ana, "env", "put", str(file), "/home/ana@x.org/py").stdout
    assert "py" in command(ana, "env", "list").stdout and 'kernel = "python3"' in command(ana, "env", "show", "/home/ana@x.org/py").stdout
    command(ana, "secret", "set", "token", "--on", "/home/ana@x.org/py", input="hunter22\n")
    listed = command(ana, "secret", "list", "--on", "/home/ana@x.org/py").stdout
    assert "token" in listed and "hunter22" not in listed
    command(ana, "secret", "set", "own", input="hunter22\n")
    assert "own" in command(ana, "secret", "list").stdout
    command(ana, "secret", "delete", "own")
    assert "own" not in command(ana, "secret", "list").stdout


def test_attach_prints_the_command_and_its_token_runs_kernels_alone(server, ana):
    line = command(ana, "attach").stdout
    m = re.fullmatch(r"JUPYTER_GATEWAY_AUTH_TOKEN=(sxt_\S+) jupyter lab --gateway-url=(\S+)\n", line)
    assert m and m[2] == server.url, line
    limited = ana.as_user(m[1], ana.home)
    k = Started(limited, "sextant")
    assert "42" in k.run("SELECT 42")
    k.channels.close()
    assert limited.do("DELETE", f"api/kernels/{k.id}").status_code == 204
    assert limited.do("POST", "v1/resources", {"parent": "root", "type": "folder", "name": "x"}, headers=JSON).status_code in (403, 404)
    assert limited.do("PUT", "v1/me/secrets/x", {"value": "12345"}, headers=JSON).status_code == 403


def test_the_sample_data_is_there_at_once_and_the_default_can_be_another(tmp_path):
    peer = start_sextant(tmp_path / "data", samples=True, default_environment="/environments/standard")
    try:
        peer.get("api/contents")
        folder = peer.want(201, "POST", "v1/resources", {"parent": "root", "type": "folder", "name": "environments"}, headers=JSON)["id"]
        who = user(peer, "cy@x.org")
        r = who.do("POST", "api/kernels", {"name": "sextant"})
        assert r.status_code == 404  # it is not made yet
        text = '[parameters]\nplace = "standard"\n[[sources]]\nsource = "/Samples/Sample data"\nname = "examples"\n'
        env = peer.want(201, "POST", "v1/resources", {"parent": folder, "type": "environment", "name": "standard", "content": text}, headers=JSON)["id"]
        grant(peer, env, "user", "cy@x.org")
        k = Started(who, "sextant")
        assert "standard" in k.run("SELECT $place") and "airports" in k.run("SHOW TABLES FROM examples")
        k.channels.close()
        k = Started(who, "python3")  # one that somebody chose is not the default's
        assert k.run("import os; 'SEXTANT_PARAMETERS' in os.environ") == "False"
        assert "10" == k.run("import sextant_sources; sextant_sources.connect().execute('FROM sample.flights LIMIT 10').fetchall().__len__()")
        k.channels.close()
        result = who.want(200, "POST", "v1/data-sources/%s/test" % peer.want(200, "GET", "v1/resolve?path=/Samples/Sample%20data")["id"])
        assert result["ok"] and result["tables"] == ["airports", "flights", "gapminder", "weather"], result
    finally:
        stop(peer)


def test_the_built_in_environment_has_the_sample_data(tmp_path):
    peer = start_sextant(tmp_path / "data", samples=True)
    try:
        peer.get("api/contents")
        k = Started(user(peer, "cy@x.org"), "sextant")
        assert "10" in k.run("SELECT count(*) FROM (FROM sample.flights LIMIT 10)")
        k.channels.close()
    finally:
        stop(peer)


def test_with_uids_of_their_own_sessions_have_sources_packages_and_secrets(index):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    root = tempfile.mkdtemp(prefix="sextant-uids-", dir="/tmp")
    os.chmod(root, 0o755)
    peer = start_sextant(os.path.join(root, "data"), samples=True, session_uids="210000-210099", package_index=index)
    try:
        peer.get("api/contents")
        peer.want(204, "PUT", "v1/me/secrets/key", {"value": "hunter22"}, headers=JSON)
        sql = environment(peer, 'init = "CREATE OR REPLACE TABLE k AS SELECT length(getvariable(\'KEY\')) AS n"\n[secrets]\nKEY = "own:key"\n[[sources]]\nsource = "/Samples/Sample data"\nname = "sample"\n')
        k = Started(peer, "env-" + sql)
        out = k.run("SELECT count(*) AS c, (SELECT n FROM k) AS n FROM (FROM sample.airports LIMIT 3)")
        assert "3" in out and "8" in out, out
        k.channels.close()
        k = Started(peer, "python3")
        if "permission denied" in k.run("1"):
            return  # the tests' Python is its owner's alone
        k.channels.close()
        env = environment(peer, 'kernel = "python3"\n[secrets]\nKEY = "own:key"\n[packages]\nrequirements = ["sextant-tiny"]\n[[sources]]\nsource = "/Samples/Sample data"\nname = "sample"\n')
        k = Started(peer, "env-" + env)
        out = k.run("import os, sextant_tiny, sextant_sources\nos.getuid() >= 210000, sextant_tiny.answer, len(os.environ['KEY']), len(sextant_sources.connect().execute('FROM sample.airports LIMIT 3').fetchall())")
        assert out == "(True, 42, 8, 3)", out
        k.channels.close()
    finally:
        stop(peer)
        shutil.rmtree(root)


def test_everything_at_once_survives_a_restart_of_the_server(tmp_path_factory, data):
    """Secrets are in memory alone, and still hidden by the next server, and nowhere on the disk."""
    root = tmp_path_factory.mktemp("restart")
    value = "s3cret-" + uuid.uuid4().hex
    peer = start_sextant(root / "data", source_dirs=data, session_dir=f"/tmp/sxe{uuid.uuid4().hex[:8]}", environment={"SEXTANT_SESSION_ORPHAN": "60s"})
    peer.get("api/contents")
    env = environment(peer, 'kernel = "python3"\n[secrets]\nKEY = "key"\n')
    peer.want(204, "PUT", f"v1/resources/{env}/secrets/key", {"value": value}, headers=JSON)
    k = Started(peer, "env-" + env)
    assert "True" in k.run("import os; len(os.environ['KEY']) == 39")
    k.channels.close()
    args = peer.process.args
    stop(peer)
    import servers

    again = subprocess.Popen(args, env={**os.environ, "SEXTANT_ADMIN_TOKEN": servers.TOKEN, "VIRTUAL_ENV": os.sys.prefix}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        servers.answers(peer.url + "api", again)
        c = Channels(peer, k.id)
        assert "•••" in c.run("print(os.environ['KEY'])")
        peer.want(200, "POST", f"api/kernels/{k.id}/restart", {})
        assert "•••" in c.run("import os; print(os.environ['KEY'])")
        sessions = next(a for n, a in zip(args, args[1:]) if n == "--session-dir")
        for top in (sessions, str(root)):
            found = subprocess.run(["grep", "-rlF", value, top], capture_output=True, text=True)
            assert found.stdout == "", found.stdout
        c.close()
        peer.do("DELETE", f"api/kernels/{k.id}")
    finally:
        again.terminate()
        again.wait(20)
