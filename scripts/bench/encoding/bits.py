"""Weights beside weights: whatever must not change them, and what bf16 does to them."""

from .program import encode
from .texts import head
from .vectors import compare

# Without vector instructions a text takes seconds.
SCALAR_TEXTS = 20
BATCHES = (512, 8192)


def bits(bench):
    """How many weights have other bits than the same mode's plain run: in other batches, on one
    core, and, in fp32, under caps on vector instructions.
    """
    found = {}
    for mode in bench.rust:
        plain = bench.vectors(mode)
        if not plain.exists():
            encode(mode, bench.model, bench.texts, plain)
        for tokens in BATCHES:
            name = f"{mode.name}, batches of {tokens} tokens"
            found[name] = beside(bench, mode, plain, more=["--batch-tokens", tokens])
        found[f"{mode.name}, one core"] = beside(bench, mode, plain, cores=[0])
        if mode.precision == "fp32":
            levels = bench.levels_below()
            for level in levels:
                few = SCALAR_TEXTS if level == "scalar" else None
                capped = mode.with_level(level)
                found[f"{mode.name}, {level}"] = beside(bench, capped, plain, most=few)
    return found


def beside(bench, mode, plain, most=None, **how):
    """A run of the first `most` texts beside the plain one."""
    texts = head(bench.texts, most, bench.folder) if most else bench.texts
    output = bench.folder / "bits.svec"
    encode(mode, bench.model, texts, output, **how)
    return compare(bench.spork, output, plain, bench.folder, most=most)


def precision(bench):
    """The vectors of each mode beside those of Rust in fp32, and of libtorch in fp32."""
    found = {}
    pairs = [("rust-bf16", "rust-fp32"), ("torch-bf16", "torch-fp32"), ("rust-fp32", "torch-fp32")]
    modes = {mode.name: mode for mode in bench.modes}
    for got, reference in pairs:
        if got not in modes or reference not in modes:
            continue
        for name in (got, reference):
            if not bench.vectors(modes[name]).exists():
                encode(modes[name], bench.model, bench.texts, bench.vectors(modes[name]))
        found[f"{got} beside {reference}"] = compare(
            bench.spork, bench.vectors(modes[got]), bench.vectors(modes[reference]), bench.folder
        )
    return found
