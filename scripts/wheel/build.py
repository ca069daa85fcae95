"""Builds the wheel of the SQL kernel from the built program: python3 build.py PROGRAM VERSION OUT_DIR [PLATFORM_TAG].

Standard library only. The wheel holds the program as a script, the kernelspec as data, and a small module for papermill.
"""

import base64
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
SPEC = os.path.join(HERE, "..", "..", "cmd", "sextant-kernel", "kernelspec")
DUCKDB = "1.5.5"
EXTENSIONS = [
    "httpfs", "aws", "azure", "postgres_scanner", "sqlite_scanner", "excel", "spatial", "iceberg", "avro", "delta",
    "ducklake", "fts",
]
# Extensions that one needs beside it.
NEEDS = {"iceberg": ["avro", "httpfs"], "aws": ["httpfs"], "delta": ["httpfs"], "ducklake": ["httpfs"]}
ALIASES = {"postgres": ["postgres_scanner"], "sqlite": ["sqlite_scanner"], "xlsx": ["excel"], "s3": ["httpfs", "aws"]}


def platform_tag(program):
    """The oldest platform the program runs on, by PEP 600 on Linux."""
    machine = platform.machine()
    if sys.platform == "darwin":
        return "macosx_11_0_" + ("arm64" if machine == "arm64" else "x86_64")
    out = subprocess.run(["objdump", "-T", program], capture_output=True, text=True, check=True).stdout
    versions = [tuple(map(int, v.split("."))) for v in re.findall(r"GLIBC_(\d+\.\d+)", out)]
    newest = max(versions, default=(2, 17))
    return "manylinux_%d_%d_%s" % (newest[0], newest[1], machine)


def requirement(extension):
    return "duckdb-extension-%s==%s" % (extension.replace("_", "-"), DUCKDB)


def extras():
    out = {name: [name] + NEEDS.get(name, []) for name in EXTENSIONS}
    out.update(ALIASES)
    out["all"] = EXTENSIONS
    return out


def metadata(version):
    lines = [
        "Metadata-Version: 2.1",
        "Name: sextant-kernel",
        "Version: " + version,
        "Summary: A SQL kernel for Jupyter on DuckDB",
        "License: Apache-2.0",
        "Requires-Python: >=3.9",
        "Description-Content-Type: text/markdown",
        "Classifier: Framework :: Jupyter",
        "Classifier: Programming Language :: SQL",
    ]
    for extra, names in sorted(extras().items()):
        lines.append("Provides-Extra: " + extra)
        lines += ["Requires-Dist: %s ; extra == '%s'" % (requirement(n), extra) for n in names]
    with open(os.path.join(HERE, "README.md"), encoding="utf-8") as f:
        return "\n".join(lines) + "\n\n" + f.read()


def main(program, version, out_dir, tag=None):
    tag = tag or platform_tag(program)
    name = "sextant_kernel-" + version
    data = name + ".data"
    info = name + ".dist-info"
    path = os.path.join(out_dir, "%s-py3-none-%s.whl" % (name, tag))
    os.makedirs(out_dir, exist_ok=True)
    record = []

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as z:

        def add(arc, content, mode=0o644):
            # A fixed date makes the same wheel of the same program.
            item = zipfile.ZipInfo(arc, (2020, 1, 1, 0, 0, 0))
            item.external_attr = (0o100000 | mode) << 16
            item.compress_type = zipfile.ZIP_DEFLATED
            z.writestr(item, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append("%s,sha256=%s,%d" % (arc, digest, len(content)))

        def read(*parts):
            with open(os.path.join(*parts), "rb") as f:
                return f.read()

        add(data + "/scripts/sextant-kernel", read(program), 0o755)
        spec = {
            # From <prefix>/share/jupyter/kernels/sextant to <prefix>/bin: Jupyter may run without the environment's PATH.
            "argv": ["{resource_dir}/../../../../bin/sextant-kernel", "-f", "{connection_file}"],
            "display_name": "SQL (DuckDB)",
            "language": "sql",
            "interrupt_mode": "message",
            "kernel_protocol_version": "5.5",
            "metadata": {"debugger": False},
        }
        kernel = data + "/data/share/jupyter/kernels/sextant/"
        add(kernel + "kernel.json", (json.dumps(spec, indent=2) + "\n").encode())
        for logo in sorted(os.listdir(SPEC)):
            add(kernel + logo, read(SPEC, logo))
        for module in ("__init__.py", "papermill.py"):
            add("sextant_kernel/" + module, read(HERE, "sextant_kernel", module))
        add(info + "/METADATA", metadata(version).encode())
        wheel = "Wheel-Version: 1.0\nGenerator: sextant\nRoot-Is-Purelib: false\nTag: py3-none-%s\n" % tag
        add(info + "/WHEEL", wheel.encode())
        add(info + "/entry_points.txt", b"[papermill.engine]\nsextant = sextant_kernel.papermill:Engine\n")
        record.append(info + "/RECORD,,")
        z.writestr(info + "/RECORD", "\n".join(record) + "\n")
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
