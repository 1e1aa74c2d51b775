"""Rounds to figures, and figures to a table."""

from statistics import median

from results import percentile

from . import DEPTHS

COLUMNS = [
    "engine",
    "setting",
    "exact",
    "mean, ms",
    "p50",
    "p99",
    "mean / Spork's",
    "noise",
    "index, MB",
    "memory, MB",
    "build, s",
]


def figures(rounds: list[dict]) -> dict:
    """Of each figure the median over the rounds; the noise is the range of the means as a share of
    theirs.
    """
    means = [sum(one["us"]) / len(one["us"]) for one in rounds]
    return {
        "mean_us": median(means),
        "p50_us": median(percentile(one["us"], 0.5) for one in rounds),
        "p99_us": median(percentile(one["us"], 0.99) for one in rounds),
        "noise": (max(means) - min(means)) / median(means),
        "recall": min(one.get("recall", 1.0) for one in rounds),
        "differing": max(one.get("differing", 0) for one in rounds),
    }


def exactness(engine: dict, figure: dict, queries: int) -> str:
    if not engine["exact"]:
        return f"recall {figure['recall']:.3f}"
    if figure["differing"] == 0:
        return "yes"
    return f"WRONG in {figure['differing']} of {queries}"


def cells(engine: dict, figure: dict, ours: dict, queries: int) -> list[str]:
    times = [f"{figure[name] / 1e3:.3f}" for name in ["mean_us", "p50_us", "p99_us"]]
    return [
        f"{engine['name']} {engine['version']}".strip(),
        ", ".join(f"{key} {value}" for key, value in figure["setting"].items()) or "–",
        exactness(engine, figure, queries),
        *times,
        f"{figure['mean_us'] / ours['mean_us']:.2f}",
        f"{100 * figure['noise']:.0f} %",
        f"{engine['bytes'] / 1e6:.1f}",
        f"{engine['memory'] / 1e6:.0f}",
        f"{engine['build_s']:.1f}",
    ]


def line(values: list[str]) -> str:
    return f"| {' | '.join(values)} |"


def markdown(result: dict) -> str:
    """A table for each depth, and what stands above and below them."""
    measured = [engine for engine in result["engines"] if "missing" not in engine]
    missing = [engine for engine in result["engines"] if "missing" in engine]
    machine = result["machine"]
    lines = [
        (
            f"# {result['documents']:,} documents, {result['queries']:,} queries: "
            f"{result['collection']}"
        ),
        "",
        (
            f"{machine['processor'] or 'Unknown processor'}, "
            f"{machine['cores']} cores, {machine['system']}, vector instructions of Spork: "
            f"{machine['instructions']}. {result['program']}, commit {result['commit']}. One "
            f"thread, medians of {result['rounds']} rounds in which the engines took turns; load "
            f"average of the machine before them {result['load']:.1f}."
        ),
    ]
    for k in DEPTHS:
        lines += ["", f"k = {k}", "", line(COLUMNS), line(["---"] * len(COLUMNS))]
        rows = [(engine, figure) for engine in measured for figure in engine["depths"][k]]
        ours = next(figure for engine, figure in rows if engine["name"] == "spork")
        for engine, figure in sorted(rows, key=lambda row: row[1]["mean_us"]):
            lines.append(line(cells(engine, figure, ours, result["queries"])))
        empty = [""] * (len(COLUMNS) - 2)
        lines += [
            line([engine["name"], f"missing: {engine['missing']}", *empty]) for engine in missing
        ]
    return "\n".join(lines) + "\n"
