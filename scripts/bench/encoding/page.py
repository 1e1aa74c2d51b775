"""The page of scripts/bench/encode, from its figures."""

import textwrap

from judged import label

from .bert_base import TOKENS
from .queries import QUERY


def page(figures):
    """Yields the lines."""
    about = figures["about"]
    machine = about["machine"]
    yield "# Encoding on a processor"
    yield ""
    text = (
        f"By `scripts/bench/encode`, {about['date']}, commit {about['commit']}: "
        f"{about['texts']:,} texts ({about['of']}, a seeded sample), cut at {about['length']} "
        "tokens, the default model, max pooling. "
        f"{machine['processor']}, {machine['cores']} cores, {machine['instructions']}; load before "
        f"it {about['load']:.2f}. {of_rounds(about['rounds'])} `rust` and `torch` are the backends."
    )
    yield textwrap.fill(text, 100)
    if about["base"]:
        yield f"`before` is the program of commit {about['base']}."
    for part in PARTS:
        if part.__name__ in figures:
            yield ""
            yield from part(figures[part.__name__])


def of_rounds(rounds):
    if rounds == 1:
        return "One round; noise is the range of several runs as a share of the median."
    return (
        f"Medians of {rounds} rounds in which the modes took turns; noise is the range of the "
        "rounds as a share of the median."
    )


def documents(rows):
    base = {name.removeprefix("before-"): row for name, row in rows.items() if "before" in name}
    yield "## Documents"
    yield ""
    yield "Whole processes, start to end, on all cores."
    yield ""
    head = noise_column(rows, "noise | ")
    yield f"| mode | documents a second | {head}× before, same precision | memory, MiB |"
    yield "|---|---|---|---|" + noise_column(rows, "---|")
    for name, row in rows.items():
        before = base.get("bf16" if "bf16" in name else "fp32")
        ratio = f"{row['median'] / before['median']:.2f}" if before else "–"
        noise = noise_column(rows, f"{noise_of(row)} | ")
        yield f"| {name} | {row['median']:.1f} | {noise}{ratio} | {row['mebibytes']:.0f} |"


def cores(rows):
    yield "## Two cores beside one"
    yield ""
    yield from table("mode", "times as fast", rows, "{:.2f}")


def queries(rows):
    yield "## A query alone"
    yield ""
    yield f"“{QUERY}”, nine tokens, one core; tokenizing counts, the program's start does not."
    yield ""
    yield from table("mode", "ms", rows, "{:.2f}")


def start(row):
    yield "## From the program's start to the first hit"
    yield ""
    noise = f" (noise {noise_of(row)})" if "noise" in row else ""
    yield (
        f"`spork search` with one text query: {row['median']:.0f} ms{noise}, "
        f"{row['mebibytes']:.0f} MiB at most."
    )


def bert_base(rows):
    yield "## A network of BERT-base's shape"
    yield ""
    yield f"12 layers, 768 wide, random weights, texts of {TOKENS} tokens, a decoder for few terms:"
    yield "the transformer alone. All cores; the program's start does not count."
    yield ""
    yield from table("mode", "ms a text", rows, "{:.1f}")


def bits(rows):
    yield "## What must not change a bit"
    yield ""
    yield "Weights of the same texts whose bits differ from those of the mode's plain run."
    yield ""
    yield "| run | texts | weights | differing |"
    yield "|---|---|---|---|"
    for name, row in rows.items():
        yield f"| {name} | {row['vectors']:,} | {row['weights']:,} | {row['differing']:,} |"


def precision(rows):
    yield "## Precision"
    yield ""
    yield "The tolerance is that of the golden files, 1e-5 + 1e-4·|w|."
    yield ""
    heads = "pair | weights | within .03 | largest difference | of the tolerance | in one only"
    yield f"| {heads} |"
    yield "|---|---|---|---|---|---|"
    for name, row in rows.items():
        within = 1 - row["beyond"] / max(row["weights"], 1)
        yield (
            f"| {name} | {row['weights']:,} | {within:.4%} | {row['largest']:.2g} "
            f"| {row['of_tolerance']:.2f} | {row['one_sided']:,} |"
        )


def effectiveness(rows):
    yield "## nDCG@10"
    yield ""
    yield "| set | fp32 | bf16 | difference | p |"
    yield "|---|---|---|---|---|"
    for name, row in rows.items():
        gap = row["bf16"] - row["fp32"]
        both = f"{row['fp32']:.4f} | {row['bf16']:.4f}"
        yield f"| {label(name)} | {both} | {gap:+.4f} | {row['p']:.2f} |"
    mean = sum(row["bf16"] - row["fp32"] for row in rows.values()) / len(rows)
    yield f"| mean | | | {mean:+.4f} | |"


def table(first, second, rows, form):
    """A table of medians and, where there is any, noise."""
    yield f"| {first} | {second} |" + noise_column(rows, " noise |")
    yield "|---|---|" + noise_column(rows, "---|")
    for name, row in rows.items():
        noise = noise_column(rows, f" {noise_of(row)} |")
        yield f"| {name} | {form.format(row['median'])} |{noise}"


def noise_column(rows, text):
    """The text, if a row has noise: one round has none."""
    return text if any("noise" in row for row in rows.values()) else ""


def noise_of(row):
    return f"{row['noise']:.0%}" if "noise" in row else "–"


PARTS = [documents, cores, queries, start, bert_base, bits, precision, effectiveness]
