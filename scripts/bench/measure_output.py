"""Many small results, and one large value."""

import table
from kernels import Kernel


def small(b):
    """1,000 small results in one cell"""
    codes = {
        "Sextant": ";\n".join(f"SELECT {i}" for i in range(1000)),
        "ipykernel": "for i in range(1000): display(i)",
        "JupySQL": "for i in range(1000): display(get_ipython().run_line_magic('sql', f'SELECT {i}'))",
    }
    kernels = {r.name: Kernel(r).ready() for r in (b.sextant, b.ipykernel, b.jupysql)}
    rate, cpu, lost = {n: [] for n in kernels}, {n: [] for n in kernels}, {n: 0 for n in kernels}
    try:
        kernels["JupySQL"].run(b.jupysql.setup).ok()
        for _ in range(b.times(7, 2)):
            for name, k in kernels.items():
                before = k.cpu()
                r = k.run(codes[name]).ok()
                cpu[name].append(k.cpu() - before)
                shown = sum(m["msg_type"] in ("display_data", "execute_result") for m in r.outputs)
                lost[name] += max(0, 1000 - shown)
                rate[name].append(1000 / r.wall)
    finally:
        for k in kernels.values():
            k.close()
    for name, n in lost.items():
        if n:
            table.log(f"{name}: {n} results did not arrive")
    if lost["Sextant"]:
        raise RuntimeError("results were lost")
    beside = {n: table.median(rate[n]) for n in ("JupySQL", "ipykernel")}
    return [
        table.row("small", "1,000 small results in one cell", "/s", table.median(rate["Sextant"]), beside, table.at_least(3000, "/s")),
        table.row("small", "1,000 small results, CPU", "s", table.median(cpu["Sextant"]), {n: table.median(cpu[n]) for n in beside}),
    ]


def value(b):
    """one value of 10 MB"""
    codes = {
        "Sextant": "SELECT repeat('0123456789', 1000000) AS v",
        "ipykernel": "'0123456789' * 1000000",
        "JupySQL": "%sql SELECT repeat('0123456789', 1000000) AS v",
    }
    kernels = {r.name: Kernel(r).ready() for r in (b.sextant, b.ipykernel, b.jupysql)}
    wall, size = {n: [] for n in kernels}, {}
    try:
        kernels["JupySQL"].run(b.jupysql.setup).ok()
        for _ in range(b.times(9, 2)):
            for name, k in kernels.items():
                r = k.run(codes[name]).ok()
                wall[name].append(r.last * 1000)
                size[name] = r.bytes / 1e6
    finally:
        for k in kernels.values():
            k.close()
    beside = {n: table.median(wall[n]) for n in ("ipykernel", "JupySQL")}
    return [
        table.row("value", "One 10 MB text, until it is received", "ms", table.median(wall["Sextant"]), beside, table.at_most(60, "ms")),
        table.row("value", "One 10 MB text, bytes sent", "MB", size["Sextant"], {n: size[n] for n in beside}),
    ]
