"""Starting, being asked again, and waiting."""

import time

import table
from kernels import Kernel


def first_code(recipe):
    return {"Sextant": "SELECT 1", "ipykernel": "1", "JupySQL": recipe.setup + "\n%sql SELECT 1"}[recipe.name]


def one_start(recipe, quick_connect=True):
    k = Kernel(recipe, quick_connect=quick_connect)
    with k:
        reply = k.wait_reply(k.execute(first_code(recipe)))
        wall = time.perf_counter() - k.began
        cpu = k.cpu()
        if reply["content"]["status"] != "ok":
            raise RuntimeError(f"{recipe.name}: {reply['content']}")
    return wall * 1000, cpu * 1000


def start(b):
    """process start → first result"""
    all_ = (b.sextant, b.ipykernel, b.jupysql)
    got = {r.name: [] for r in all_}
    stock = []
    for r in all_:
        one_start(r)  # the files come from memory afterwards, for everybody
    for _ in range(b.times(15, 3)):
        for r in all_:
            got[r.name].append(one_start(r))
        stock.append(one_start(b.sextant, quick_connect=False)[0])
    wall = {n: table.median([w for w, _ in v]) for n, v in got.items()}
    cpu = {n: table.median([c for _, c in v]) for n, v in got.items()}
    ours = wall.pop("Sextant")
    ours_cpu = cpu.pop("Sextant")
    beside = {"JupySQL": wall["JupySQL"], "ipykernel": wall["ipykernel"]}
    best = min(w for w, _ in got["Sextant"])
    return [
        table.row("start", "Start → first result, p50", "ms", ours, beside, table.at_most(45, "ms"), f"best {best:.0f} ms"),
        table.Row("start", "Start, times faster than JupySQL", "×", beside["JupySQL"] / ours, {}, "≥ 15 ×", beside["JupySQL"] / ours >= 15),
        table.row("start", "Start, CPU", "ms", ours_cpu, {"JupySQL": cpu["JupySQL"], "ipykernel": cpu["ipykernel"]}),
        table.row("start", "Start, with jupyter_client's own reconnecting", "ms", table.median(stock)),
    ]


def ask(k, code, n):
    """n round trips: milliseconds of each, and CPU milliseconds per request."""
    before, times = k.cpu(), []
    for _ in range(n):
        times.append(k.run(code).ok().wall * 1000)
    return times, (k.cpu() - before) * 1000 / n


def warm(b):
    """round trip of SELECT 1 in a kernel that is warm"""
    n = b.times(1000, 100)
    codes = {"Sextant": "SELECT 1", "ipykernel": "1", "JupySQL": "%sql SELECT 1"}
    kernels = {r.name: Kernel(r).ready() for r in (b.sextant, b.ipykernel, b.jupysql)}
    try:
        kernels["JupySQL"].run(b.jupysql.setup).ok()
        times, cpu = {n: [] for n in kernels}, {n: [] for n in kernels}
        for name, k in kernels.items():
            ask(k, codes[name], 20)
        for _ in range(10):
            for name, k in kernels.items():
                t, c = ask(k, codes[name], n // 10 if name == "Sextant" else n * 3 // 100)
                times[name] += t
                cpu[name].append(c)
    finally:
        for k in kernels.values():
            k.close()

    def of(f, values):
        return {n: f(values[n]) for n in ("JupySQL", "ipykernel")}

    p50, p99 = table.median, lambda v: table.quantile(v, 0.99)
    return [
        table.row("warm", "SELECT 1 round trip, p50", "ms", p50(times["Sextant"]), of(p50, times), table.at_most(1.5, "ms")),
        table.row("warm", "SELECT 1 round trip, p99", "ms", p99(times["Sextant"]), of(p99, times), table.at_most(6, "ms")),
        table.row("warm", "SELECT 1, CPU per request", "ms", p50(cpu["Sextant"]), of(p50, cpu)),
    ]


def idle(b):
    """memory of a kernel that has answered one SELECT 1"""
    # The pages of a program's file count as private as long as no other process has them mapped too, so that the first
    # kernel of a kind is charged with its program, and Python's kernels with less of theirs, since this is Python as well.
    # What a further kernel costs is told by two of a kind.
    alone, second = {}, {}
    for r in (b.sextant, b.ipykernel, b.jupysql):
        pairs = []
        for _ in range(b.times(3, 1)):
            with idle_kernel(r) as k:
                first = k.private_mb()
                with idle_kernel(r) as other:
                    pairs.append((first, other.private_mb()))
        alone[r.name], second[r.name] = (table.median(v) for v in zip(*pairs))
    limit = table.at_most(25, "MB")
    return [
        table.row("idle", "Idle kernel, private memory, the only one of its kind", "MB", alone.pop("Sextant"), alone, limit),
        table.row("idle", "Idle kernel, private memory, each further one", "MB", second.pop("Sextant"), second, limit),
    ]


def idle_kernel(recipe):
    k = Kernel(recipe).ready()
    k.run(first_code(recipe)).ok()
    time.sleep(2)
    return k
