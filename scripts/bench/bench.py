"""Measures the kernel beside ipykernel, JupySQL and DuckDB's own client, and the server beside stock jupyter server, in one
run and by turns.

A target that is missed is said, and is no failure: only what could not be measured is. `--list` names the measurements.
"""

import argparse
import dataclasses
import datetime
import json
import os
import platform
import sys
import traceback

import measure_app
import measure_catalog
import measure_content
import measure_interrupt
import measure_lab
import measure_large
import measure_output
import measure_pages
import measure_results
import measure_sessions
import measure_render
import measure_server
import measure_start
import measure_tpch
import peers
import table

BENCHES = {
    "start": measure_start.start,
    "warm": measure_start.warm,
    "idle": measure_start.idle,
    "small": measure_output.small,
    "value": measure_output.value,
    "rows": measure_large.rows,
    "parquet": measure_large.parquet,
    "frame": measure_large.frame,
    "tpch": measure_tpch.tpch,
    "complete": measure_catalog.complete,
    "interrupt": measure_interrupt.interrupt,
    "lab": measure_lab.lab,
    "begin": measure_sessions.begin,
    "channels": measure_sessions.channels,
    "flood": measure_sessions.flood,
    "memory": measure_sessions.memory,
    "render": measure_render.render,
    "serve": measure_server.idle,
    "content": measure_server.content,
    "listing": measure_server.listing,
    "rights": measure_content.rights,
    "pages": measure_pages.pages,
    "results": measure_results.results,
    "app": measure_app.app,
}

# Measurements of the server, which need no kernel and none of the kernels' peers.
SERVER = ("serve", "content", "listing", "rights", "pages")


@dataclasses.dataclass
class Bench:
    """What a measurement gets to work with."""

    sextant: peers.Recipe
    ipykernel: peers.Recipe
    jupysql: peers.Recipe
    quick: bool

    def times(self, full, quick):
        return quick if self.quick else full


def conditions(kernel, load, names):
    cpu = platform.processor()
    try:
        with open("/proc/cpuinfo") as f:
            cpu = next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    with open("/proc/meminfo") as f:
        memory = int(f.readline().split()[1]) / 1024 / 1024
    now = os.getloadavg()
    return {
        "date": datetime.date.today().isoformat(),
        "machine": f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB, Linux {platform.release().split('-')[0]}",
        "load": f"load average {load[0]:.1f} at the start, {now[0]:.1f} at the end",
        "versions": peers.versions(kernel, all(n in SERVER for n in names)),
    }


def main():
    about = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    about.add_argument("--quick", action="store_true", help="few repetitions: to see that it works, not for figures")
    about.add_argument("--only", metavar="NAME[,NAME]", help="these measurements alone")
    about.add_argument("--list", action="store_true", help="name the measurements")
    about.add_argument("--json", metavar="FILE", help="write the figures there as JSON too")
    about.add_argument("--markdown", metavar="FILE", help="write the table there as Markdown too")
    about.add_argument("--kernel", metavar="PROGRAM", default=os.path.join(peers.ROOT, ".venv", "bin", "sextant-kernel"), help="the kernel to measure")
    args = about.parse_args()
    if args.list:
        for name, measure in BENCHES.items():
            print(f"{name:10} {measure.__doc__.splitlines()[0]}")
        return 0
    names = args.only.split(",") if args.only else list(BENCHES)
    unknown = [n for n in names if n not in BENCHES]
    if unknown:
        about.error(f"there is no measurement {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    load = os.getloadavg()
    os.makedirs(peers.WORK, exist_ok=True)
    if any(n not in SERVER for n in names):
        peers.prepare()
    bench = Bench(*peers.recipes(os.path.abspath(args.kernel)), quick=args.quick)
    rows, failed = [], []
    for name in names:
        table.log(f"{name}: {BENCHES[name].__doc__.splitlines()[0]}")
        try:
            got = BENCHES[name](bench)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        rows += got
        print(table.as_text(got), file=sys.stderr)
    told = conditions(os.path.abspath(args.kernel), load, names)
    print(table.as_text(rows))
    print()
    print("\n".join(told.values()))
    if args.json:
        with open(args.json, "w") as f:
            json.dump({**told, "rows": [dataclasses.asdict(r) for r in rows]}, f, indent=1, ensure_ascii=False)
    if args.markdown:
        with open(args.markdown, "w") as f:
            f.write(table.as_markdown(rows) + "\n\n" + "\n".join(f"- {v}" for v in told.values()) + "\n")
    missed = [r.what for r in rows if r.met is False]
    print(f"\n{sum(r.met is True for r in rows)} targets met, {len(missed)} missed" + (f"; not measured: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
