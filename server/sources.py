def _sextant_module():
    import json, os, sys, types

    module = types.ModuleType("sextant_sources", "The data sources of this session's environment.")
    sources = {s["name"]: s for s in json.loads(os.environ.get("SEXTANT_SOURCES", "[]"))}

    def quote(text):
        return "'" + str(text).replace("'", "''") + "'"

    def name_of(name):
        return '"' + name.replace('"', '""') + '"'

    def fields(secret):
        out = dict(secret.get("fields") or {})
        for field, variable in (secret.get("from_env") or {}).items():
            out[field] = os.environ[variable]
        return out

    readers = {".parquet": "read_parquet", ".csv": "read_csv", ".tsv": "read_csv", ".csv.gz": "read_csv", ".json": "read_json", ".jsonl": "read_json", ".ndjson": "read_json"}

    def reader(path):
        for ending, function in readers.items():
            if path.lower().endswith(ending):
                return function, ending
        return None, None

    def views(con, source):
        place = source["place"].rstrip("/")
        files = [row[0] for row in con.execute("SELECT file FROM glob(%s) ORDER BY file LIMIT 20000" % quote(place + "/**")).fetchall()]
        made = {}
        for file in files:
            function, ending = reader(file)
            inner = file[len(place) + 1 :]
            if not function:
                continue
            folder, below, _ = inner.partition("/")
            name = folder if below else inner[: -len(ending)]
            if name not in made and len(made) < 1000:
                made[name] = "%s(%s, hive_partitioning = true)" % (function, quote(place + "/" + folder + "/**/*" + ending)) if below else "%s(%s)" % (function, quote(file))
        con.execute("ATTACH ':memory:' AS %s" % name_of(source["name"]))
        for name, source_of in made.items():
            name = "".join(c if c.isalnum() or c == "_" else "_" for c in name).strip("_")
            if not name or name[0].isdigit():
                name = "t_" + name
            con.execute("CREATE OR REPLACE VIEW %s.%s AS FROM %s" % (name_of(source["name"]), name_of(name), source_of))

    def attach(con, source):
        if source.get("extension"):
            load(con, source["extension"])
        secret = source.get("secret")
        if secret:
            parts = ["TYPE " + secret["type"]] + ["%s %s" % (field, quote(value)) for field, value in fields(secret).items()]
            if source["kind"] == "bucket":
                parts.append("SCOPE " + quote(source["place"]))
            con.execute("CREATE OR REPLACE TEMPORARY SECRET %s (%s)" % (name_of("sextant_source_" + source["name"]), ", ".join(parts)))
        if source["kind"] in ("folder", "bucket"):
            return views(con, source)
        options = ["TYPE " + source["kind"]] + ([] if source.get("writable") else ["READ_ONLY"])
        if secret:
            options.append("SECRET " + name_of("sextant_source_" + source["name"]))
        con.execute("ATTACH %s AS %s (%s)" % (quote(source.get("place") or source.get("options", "")), name_of(source["name"]), ", ".join(options)))

    def load(con, extension):
        import glob, importlib.util

        found = importlib.util.find_spec("duckdb_extension_" + extension)  # one that pip installed
        files = glob.glob(os.path.join(os.path.dirname(found.origin), "extensions", "*", extension + ".duckdb_extension")) if found else []
        if files:
            con.execute("LOAD " + quote(files[0]))
        else:
            con.execute("INSTALL %s; LOAD %s" % (extension, extension))

    def connect(*names):
        """A DuckDB connection with the sources named, or all, attached, each under its name.

        One that cannot be attached is warned of and left out; with names given it is an error."""
        import warnings

        import duckdb

        con = duckdb.connect()
        for name in names or list(sources):
            if name not in sources:
                raise KeyError("there is no data source %r; there are: %s" % (name, ", ".join(sources) or "none"))
            try:
                attach(con, sources[name])
            except Exception as e:
                if names:
                    raise
                warnings.warn("The data source %s is not attached: %s" % (name, str(e).split("\n")[0]))
        return con

    def info(name):
        """What is known of a source, as a dict; its password, where it has one, is under "password"."""
        out = dict(sources[name])
        if out.get("password_env"):
            out["password"] = os.environ[out["password_env"]]
        return out

    module.connect, module.info, module.names = connect, info, list(sources)
    sys.modules["sextant_sources"] = module


_sextant_module()
del _sextant_module
