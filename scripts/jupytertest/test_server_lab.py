"""The small endpoints of Jupyter Server, and JupyterLab Server's, beside the stock ones."""

import hashlib
import json
import os
import re
import shutil
import sys

import pytest
import requests
import websocket

from servers import notebook, start_sextant, stop, user

DATE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")


def config_of(peer, path="lab"):
    r = peer.get(path)
    assert r.status_code == 200, r.text[:300]
    return json.loads(r.text.split('type="application/json">', 1)[1].split("</script>", 1)[0])


def test_version_status_me(peer):
    assert set(peer.want(200, "GET", "api", token=False)) == {"version"}
    status = peer.want(200, "GET", "api/status")
    assert set(status) == {"started", "last_activity", "kernels", "connections"} and DATE.match(status["started"])
    me = peer.want(200, "GET", 'api/me?permissions={"contents":["read","write"],"nonsense":["read"]}')
    assert set(me) == {"identity", "permissions"} and set(me["identity"]) == {"username", "name", "display_name", "initials", "avatar_url", "color"}
    assert me["permissions"]["contents"] == ["read", "write"] and isinstance(me["permissions"]["updatable_fields"], list)
    assert peer.get("api/me?permissions=[1]").status_code == 400
    assert peer.get("api/spec.yaml").headers["Content-Type"].startswith("text/x-yaml")
    for path in ["api/status", "api/me", "api/contents", "api/kernelspecs", "lab/api/settings", "lab/api/workspaces", "api/config/x"]:
        assert requests.get(peer.url + path, allow_redirects=False).status_code in (403, 302), path


def test_headers_and_errors(peer):
    r = peer.get("api/contents/nothing")
    assert r.status_code == 404 and r.headers["X-Content-Type-Options"] == "nosniff"
    csp = peer.get("api/status").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in csp and "api/security/csp-report" in csp and "default-src 'none'" in csp
    if peer.name == "sextant":
        assert peer.do("POST", "api/security/csp-report", {"csp-report": {}}, token=False).status_code == 204
    r = peer.get("api/nothing")
    assert r.status_code == 404
    if peer.name == "sextant":
        assert set(r.json()) == {"message", "reason", "traceback"}


def test_config_sections(peer):
    assert peer.want(200, "GET", "api/config/testsection") == {}
    assert peer.do("PUT", "api/config/testsection", {"a": {"b": 1, "c": 2}, "d": 3}).status_code == 204
    assert peer.want(200, "GET", "api/config/testsection") == {"a": {"b": 1, "c": 2}, "d": 3}
    assert peer.want(200, "PATCH", "api/config/testsection", {"a": {"b": None}, "e": [1]}) == {"a": {"c": 2}, "d": 3, "e": [1]}
    assert peer.want(200, "GET", "api/config/testsection") == {"a": {"c": 2}, "d": 3, "e": [1]}
    assert peer.get("api/config/no-name").status_code == 404


def test_kernelspecs(peer):
    specs = peer.want(200, "GET", "api/kernelspecs")
    assert set(specs) == {"default", "kernelspecs"} and specs["default"] in specs["kernelspecs"]
    one = peer.want(200, "GET", "api/kernelspecs/python3")
    for k in (one, specs["kernelspecs"]["python3"]):
        assert set(k) == {"name", "spec", "resources"} and k["spec"]["language"] == "python" and k["spec"]["argv"]
        assert set(k["resources"]) == {"logo-32x32", "logo-64x64", "logo-svg"}
    r = peer.get(one["resources"]["logo-64x64"].lstrip("/"))
    assert r.status_code == 200 and r.headers["Content-Type"] == "image/png" and r.content[:4] == b"\x89PNG"
    assert peer.get("api/kernelspecs/nothing").status_code == 404
    assert peer.get("kernelspecs/python3/nothing.png").status_code == 404
    if peer.name == "sextant":
        assert peer.get("kernelspecs/python3/kernel.json").status_code == 404


def test_a_server_may_run_no_kernels(tmp_path):
    peer = start_sextant(tmp_path / "data", no_sessions=True)
    assert peer.want(200, "GET", "api/kernels") == [] and peer.want(200, "GET", "api/sessions") == []
    assert "runs no kernels" in peer.want(501, "POST", "api/kernels", {"name": "python3"})["message"]
    assert peer.do("POST", "api/sessions", {"path": "x", "type": "notebook", "kernel": {"name": "python3"}}).status_code == 501
    stop(peer)


def test_events(peer):
    url = peer.url.replace("http", "ws", 1) + "api/events/subscribe"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(url)
    assert refused.value.status_code == 403
    http = requests.Session()
    http.get(peer.url + "lab?token=" + peer.token)
    cookies = "; ".join(f"{c.name}={c.value}" for c in http.cookies)
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(url, cookie=cookies, origin="http://evil.example")
    assert refused.value.status_code == 403
    websocket.create_connection(url, cookie=cookies, origin=peer.url.rstrip("/")).close()
    ws = websocket.create_connection(url, header={"Authorization": f"token {peer.token}"}, suppress_origin=True, timeout=20)
    path = peer.path("events.txt")
    peer.save_text("events.txt", "x")
    schema = "https://events.jupyter.org/jupyter_server/contents_service/v1"

    def until(action):
        while True:
            event = json.loads(ws.recv())
            if event["action"] == action and event["path"].strip("/") == path:
                return event

    assert until("save")["schema_id"] == schema
    peer.want(200, "GET", peer.contents("events.txt"))
    until("get")
    event = {"schema_id": schema, "version": "1", "data": {"action": "rename", "path": path, "source_path": "old"}}
    assert peer.do("POST", "api/events", event).status_code == 204
    assert until("rename") == {"schema_id": schema, "action": "rename", "path": path, "source_path": "old"}
    assert peer.do("POST", "api/events", {**event, "timestamp": "2022-05-26T13:50:00+05:00Z"}).status_code == 204
    for bad in [None, {}, {**event, "version": "9"}, {**event, "schema_id": "x"}, {**event, "data": {"action": "nonsense", "path": "x"}}, {**event, "timestamp": "now"},
                {**event, "data": {"action": "get"}}]:
        assert peer.do("POST", "api/events", bad).status_code == 400, bad
    peer.do("DELETE", peer.contents("events.txt"))
    ws.close()


def test_events_are_each_persons_own(sextant):
    ana, bo = user(sextant, "ana@events.org"), user(sextant, "bo@events.org")
    ws = websocket.create_connection(sextant.url.replace("http", "ws", 1) + "api/events/subscribe", header={"Authorization": f"token {bo.token}"}, suppress_origin=True, timeout=20)
    ana.save_text("mine.txt", "x")
    bo.save_text("his.txt", "x")
    assert json.loads(ws.recv())["path"] == bo.path("his.txt")
    ws.close()


def test_resolve_path(peer):
    peer.save_text("traceback.txt", "x")
    r = peer.want(200, "GET", "api/resolvePath?path=" + peer.path("traceback.txt"))
    assert r == {"resolved": [{"scope": "server", "path": peer.path("traceback.txt")}]}
    assert peer.want(200, "GET", "api/resolvePath?path=nothing.py")["resolved"] == []
    assert peer.get("api/resolvePath").status_code == 400


# JupyterLab Server


def test_page(sextant, stock):
    ours, theirs = config_of(sextant), config_of(stock)
    private = {k for k in theirs if k.endswith("Dir") or "Path" in k and k not in ("treePath", "preferredPath", "copyAbsolutePath")}
    assert set(theirs) - set(ours) - private <= {"rootUri", "virtualDocumentsUri"}, set(theirs) - set(ours) - private
    for key in ["appName", "appNamespace", "appVersion", "appUrl", "baseUrl", "fullStaticUrl", "settingsUrl", "fullSettingsUrl", "workspacesApiUrl", "listingsUrl", "themesUrl",
                "fullThemesUrl", "licensesUrl", "translationsApiUrl", "labextensionsUrl", "fullLabextensionsUrl", "treeUrl", "mode", "workspace", "treePath", "federated_extensions",
                "disabledExtensions", "notebookStartsKernel", "wsUrl"]:
        assert ours[key] == theirs[key], (key, ours[key], theirs[key])
    assert ours["preferredPath"] == sextant.home and ours["token"] == ""
    main = re.search(r'src="([^"]*/main\.[^"]*)"', sextant.get("lab").text).group(1)
    assert main == re.search(r'src="([^"]*/main\.[^"]*)"', stock.get("lab").text).group(1)


@pytest.mark.parametrize("path,want", [
    ("lab/tree/a%20b/n.ipynb", {"treePath": "a b/n.ipynb", "workspace": "default", "mode": "multiple-document"}), ("lab/workspaces/auto-Q", {"workspace": "auto-Q", "treePath": ""}),
    ("lab/workspaces/w/tree/x", {"workspace": "w", "treePath": "x"}), ("doc/tree/x", {"mode": "single-document", "treePath": "x"}), ("doc", {"mode": "single-document"}),
])
def test_page_addresses(peer, path, want):
    config = config_of(peer, path)
    assert {k: config[k] for k in want} == want and "notFoundUrl" not in config


def test_page_redirects(sextant):
    assert config_of(sextant, "lab/nonsense")["notFoundUrl"] == "/lab/nonsense"
    for path, to in [("lab/", "/lab"), ("tree", "/lab"), ("tree/a%20b", "/lab/tree/a%20b"), ("notebooks/n.ipynb", "/lab/tree/n.ipynb"), ("login?next=%2Flab", "/signin?next=%2Flab")]:
        r = sextant.get(path)
        assert r.status_code == 302 and r.headers["Location"] == to, (path, r.status_code, r.headers.get("Location"))


PANEL = "lab/api/settings/@jupyterlab/notebook-extension:tracker"


def test_settings(peer):
    all_of = peer.want(200, "GET", "lab/api/settings")["settings"]
    ids = [s["id"] for s in all_of]
    assert ids == sorted(ids, reverse=True) and len(ids) > 50
    assert [s["id"] for s in peer.want(200, "GET", "lab/api/settings?ids_only=true")["settings"]] == ids
    one = peer.want(200, "GET", PANEL)
    assert set(one) == {"id", "schema", "version", "raw", "settings", "last_modified", "created"}
    assert one["raw"] == "{}" and one["settings"] == {} and one["last_modified"] is None and one["version"] == "4.6.3"
    raw = "{\n // why\n 'codeCellConfig': {lineNumbers: true,},\n}"
    assert peer.do("PUT", PANEL, {"raw": raw}).status_code == 204
    one = peer.want(200, "GET", PANEL)
    assert one["raw"] == raw and one["settings"] == {"codeCellConfig": {"lineNumbers": True}} and one["last_modified"] and one["created"]
    listed = {s["id"]: s for s in peer.want(200, "GET", "lab/api/settings")["settings"]}["@jupyterlab/notebook-extension:tracker"]
    assert listed["raw"] == raw
    for bad in ["no json", "{}", "[]", {"raw": "{\"recordTiming\": \"no boolean\"}"}, {"raw": 1}]:
        assert peer.do("PUT", PANEL, bad).status_code in (400,) + ((500,) if peer.name == "stock" else ()), bad
    assert peer.want(200, "GET", PANEL)["raw"] == raw
    assert peer.get("lab/api/settings/@jupyterlab/nothing:x").status_code == 404
    assert peer.do("PUT", "lab/api/settings/@jupyterlab/nothing:x", {"raw": "{}"}).status_code == 404
    assert peer.do("PUT", PANEL, {"raw": "{}"}).status_code == 204


def test_schemas_are_those_of_the_stock_server(sextant, stock):
    strip = lambda peer: {s["id"]: (json.dumps(s["schema"]), s["version"]) for s in peer.want(200, "GET", "lab/api/settings")["settings"]}
    ours, theirs = strip(sextant), strip(stock)
    assert set(ours) == set(theirs)
    differing = [i for i in ours if ours[i] != theirs[i]]
    assert differing == ["@jupyterlab/apputils-extension:notification"], differing  # this server asks nobody for news


def test_settings_are_each_persons_own(sextant):
    ana, bo = user(sextant, "ana@settings.org"), user(sextant, "bo@settings.org")
    assert ana.do("PUT", PANEL, {"raw": '{"recordTiming": true}'}).status_code == 204
    assert bo.want(200, "GET", PANEL)["settings"] == {} and ana.want(200, "GET", PANEL)["settings"] == {"recordTiming": True}


def test_workspaces(peer):
    name = "test-w"
    fresh = peer.want(200, "GET", f"lab/api/workspaces/{name}")
    assert fresh["data"] == {} and fresh["metadata"]["id"].lstrip("/") == name
    body = {"data": {"layout-restorer:data": {"main": {"dock": None}}}, "metadata": {"id": name}}
    r = peer.do("PUT", f"lab/api/workspaces/{name}", body, headers={"Content-Type": "text/plain;charset=UTF-8"})
    assert r.status_code == 204, r.text
    got = peer.want(200, "GET", f"lab/api/workspaces/{name}")
    assert got["data"] == body["data"] and got["metadata"]["id"] == name and got["metadata"]["last_modified"] and got["metadata"]["created"]
    listed = peer.want(200, "GET", "lab/api/workspaces")["workspaces"]
    assert name in listed["ids"] and body["data"] in [v["data"] for v in listed["values"]]
    for bad in ["no json", {"data": {}}, {"data": {}, "metadata": {"id": "other"}}]:
        assert peer.do("PUT", f"lab/api/workspaces/{name}", bad).status_code in (400,) + ((500,) if peer.name == "stock" else ()), bad
    assert peer.do("DELETE", f"lab/api/workspaces/{name}").status_code == 204
    assert peer.do("DELETE", f"lab/api/workspaces/{name}").status_code == 404
    if peer.name == "sextant":
        assert peer.do("DELETE", "lab/api/workspaces").status_code == 400


def test_translations(peer):
    r = peer.want(200, "GET", "lab/api/translations")
    assert r["message"] == "" and r["data"]["en"] == {"displayName": "English", "nativeName": "English"}
    assert r["data"]["fr_FR"] == {"displayName": "French (France)", "nativeName": "Français (France)"}
    pack = peer.want(200, "GET", "lab/api/translations/fr_FR")
    assert pack["message"] == "" and pack["data"]["jupyterlab"][""]["language"] == "fr-FR"
    for name in ["xx_XX", "de_DE"]:
        r = peer.want(200, "GET", f"lab/api/translations/{name}")
        assert r["data"] == {} and name in r["message"]


def test_settings_in_french(sextant, stock):
    plugin, seen = "lab/api/settings/@jupyterlab/translation-extension:plugin", {}
    for peer in (sextant, stock):
        assert peer.do("PUT", plugin, {"raw": '{"locale": "fr_FR"}'}).status_code == 204
        seen[peer.name] = {s["id"]: s["schema"] for s in peer.want(200, "GET", "lab/api/settings")["settings"]}
        assert "jupyterlab" in peer.want(200, "GET", "lab/api/translations/fr_FR")["data"]
        assert peer.do("PUT", plugin, {"raw": "{}"}).status_code == 204
    english = {s["id"]: s["schema"] for s in sextant.want(200, "GET", "lab/api/settings")["settings"]}
    assert sum(english[i].get("title") != seen["sextant"][i].get("title") for i in english) > 20
    differing = [i for i in seen["stock"] if seen["stock"][i] != seen["sextant"][i] and "notification" not in i]
    assert not differing, differing


def test_listings_licences_themes(peer):
    r = peer.want(200, "GET", "lab/api/listings/@jupyterlab/extensionmanager-extension/listings.json")
    assert set(r) == {"blocked_extensions_uris", "allowed_extensions_uris", "blocked_extensions", "allowed_extensions"}
    bundles = peer.get("lab/api/licenses/?format=json").json()["bundles"]
    assert {"name", "versionInfo", "licenseId", "extractedText"} <= set(bundles["@jupyterlab/application-top"]["packages"][0])
    assert "# @jupyterlab/application-top" in peer.get("lab/api/licenses/?format=markdown&full_text=0").text
    r = peer.get("lab/api/licenses/?format=csv&download=1&bundles=%40jupyterlab%2Fapp.*")
    assert r.text.startswith("bundle,name,versionInfo") and "attachment" in r.headers["Content-Disposition"]
    css = peer.get("lab/api/themes/@jupyterlab/theme-light-extension/index.css", token=peer.name == "stock")
    assert css.status_code == 200 and css.headers["Content-Type"].startswith("text/css") and "--jp-layout-color0" in css.text
    assert peer.get("lab/api/themes/@jupyterlab/nothing/index.css").status_code == 404


def test_static_files(sextant):
    main = re.search(r'src="/([^"]*/main\.[^"]*)"', sextant.get("lab").text).group(1)
    r = requests.get(sextant.url + main, headers={"Accept-Encoding": "br, gzip"}, stream=True)
    assert r.status_code == 200 and r.headers["Content-Encoding"] == "br" and "immutable" in r.headers["Cache-Control"]
    assert r.headers["Content-Type"].startswith("text/javascript") and "Accept-Encoding" in r.headers["Vary"]
    plain = requests.get(sextant.url + main, headers={"Accept-Encoding": "identity"})
    zipped = requests.get(sextant.url + main, headers={"Accept-Encoding": "gzip"})
    assert plain.content == zipped.content and zipped.headers["Content-Encoding"] == "gzip" and int(r.headers["Content-Length"]) < len(plain.content) / 2
    with open(os.path.join(sys.prefix, "share/jupyter/lab", main.split("?")[0].replace("static/lab", "static")), "rb") as f:
        assert f.read() == plain.content
    again = requests.get(sextant.url + main, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    assert "no-cache" in requests.get(sextant.url + "static/lab/package.json").headers["Cache-Control"]
    for bad in ["static/lab/../schemas/x", "static/lab/..%2f..%2f..%2f..%2fetc%2fpasswd", "static/lab/nothing.js", "static/lab", "lab/extensions/..%2fx"]:
        assert requests.get(sextant.url + bad, headers={"Authorization": "token " + sextant.token}).status_code == 404, bad
    r = requests.get(sextant.url + "static/favicons/favicon.ico")
    assert r.status_code == 200 and r.content[:4] == b"\0\0\1\0"


def test_extensions_overrides_and_page_config(tmp_path):
    """What administrators put beside JupyterLab counts, as for JupyterLab itself."""
    ext = tmp_path / "share" / "labextensions" / "@acme" / "colours"
    (ext / "static").mkdir(parents=True)
    (ext / "package.json").write_text(json.dumps({"name": "@acme/colours", "version": "1.2.3", "jupyterlab": {
        "_build": {"load": "static/remoteEntry.0123456789abcdef.js", "extension": "./extension"}, "disabledExtensions": ["@jupyterlab/launcher-extension:plugin"]}}))
    (ext / "static" / "remoteEntry.0123456789abcdef.js").write_text("/* acme */")
    (ext / "schemas" / "@acme" / "colours").mkdir(parents=True)
    (ext / "schemas" / "@acme" / "colours" / "plugin.json").write_text('{"title":"Colours","type":"object","properties":{"shade":{"type":"string","default":"red"}}}')
    (ext / "schemas" / "@acme" / "colours" / "package.json.orig").write_text('{"version":"1.2.3"}')
    (ext / "themes" / "@acme" / "colours").mkdir(parents=True)
    (ext / "themes" / "@acme" / "colours" / "index.css").write_text("a { background: url('img/x.png') } b { background: url(data:x) } c { background: url(\"/abs.png\") }")
    conf = tmp_path / "config" / "labconfig"
    conf.mkdir(parents=True)
    (conf / "page_config.json").write_text('{"disabledExtensions": {"@jupyterlab/help-extension": true, "@jupyterlab/x": false}}')
    (conf / "default_setting_overrides.json").write_text('{"@acme/colours:plugin": {"shade": "blue"}}')
    lab = tmp_path / "lab"
    shutil.copytree(os.path.join(sys.prefix, "share/jupyter/lab"), lab)
    (lab / "settings").mkdir()
    (lab / "settings" / "overrides.json5").write_text("{'@jupyterlab/apputils-extension:themes': {theme: 'JupyterLab Dark',},}")
    server = start_sextant(tmp_path / "data", lab_dir=lab, environment={"HOME": str(tmp_path / "nobody"), "JUPYTER_PATH": str(tmp_path / "share"),
                                                                       "JUPYTER_CONFIG_PATH": str(tmp_path / "config")})
    try:
        config = config_of(server)
        ours = [e for e in config["federated_extensions"] if e["name"] == "@acme/colours"]
        assert ours == [{"name": "@acme/colours", "load": "static/remoteEntry.0123456789abcdef.js", "extension": "./extension", "entrypoints": None}]
        assert config["disabledExtensions"] == ["@jupyterlab/help-extension", "@jupyterlab/launcher-extension:plugin"]
        r = server.get("lab/extensions/@acme/colours/static/remoteEntry.0123456789abcdef.js", token=False)
        assert r.status_code == 200 and r.text == "/* acme */" and "immutable" in r.headers["Cache-Control"]
        one = server.want(200, "GET", "lab/api/settings/@acme%2Fcolours%3Aplugin")
        assert one["version"] == "1.2.3" and one["schema"]["properties"]["shade"]["default"] == "blue"
        themes = server.want(200, "GET", "lab/api/settings/@jupyterlab/apputils-extension:themes")
        assert themes["schema"]["properties"]["theme"]["default"] == "JupyterLab Dark"
        css = server.get("lab/api/themes/@acme/colours/index.css").text
        assert "url('/lab/api/themes/@acme/colours/img/x.png')" in css and "url(data:x)" in css and 'url("/abs.png")' in css
        assert [e["name"] for e in server.want(200, "GET", "lab/api/extensions") if e["name"].startswith("@acme")] == ["@acme/colours"]
    finally:
        stop(server)


def test_without_jupyterlab(tmp_path):
    """The server runs, and says what is missing and how to get it."""
    server = start_sextant(tmp_path / "data", environment={"VIRTUAL_ENV": str(tmp_path), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "JUPYTERLAB_DIR": str(tmp_path / "nothing")})
    try:
        assert "pip install" in (tmp_path / "data.log").read_text()
        r = server.get("lab")
        assert r.status_code == 404 and "pip install" in r.text and r.headers["Content-Type"].startswith("text/html")
        assert "pip install" in server.want(404, "GET", "lab/api/settings")["message"]
        server.get("api/contents")
        server.save_notebook("n.ipynb", notebook("1"))
    finally:
        stop(server)
