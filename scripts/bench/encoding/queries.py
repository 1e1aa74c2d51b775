"""Single queries: the network's time, and the way from a program's start to the first hit."""

from .program import encode, milliseconds_each, run, spread

QUERY = "how long does jet lag last"
TOKENS = 9
FEW, MANY = 200, 2200
STARTS = 11


def queries(bench):
    """Milliseconds of one query on one core: each has a batch of its own. Tokenizing and writing
    count, the program's start does not.
    """
    times = {mode.name: [] for mode in bench.modes}
    for _ in range(bench.rounds):
        for mode in bench.modes:

            def alone(texts, mode=mode):
                more = ["--kind", "query", "--batch-tokens", 1]
                output = bench.folder / "query.svec"
                return encode(mode, bench.model, texts, output, cores=[0], more=more)

            each = milliseconds_each(alone, [QUERY] * FEW, [QUERY] * MANY, bench.folder)
            times[mode.name].append(each)
    return {name: spread(some) for name, some in times.items()}


def start(bench):
    """One text query, from the start of `spork search` to its end: milliseconds and memory."""
    mode = bench.rust[0]
    index = bench.folder / "index"
    if not bench.vectors(mode).exists():
        encode(mode, bench.model, bench.texts, bench.vectors(mode))
    run([bench.spork, "index", "--quiet", "--input", bench.vectors(mode), "--output", index])
    command = [bench.spork, "search", "--index", index, "--model", bench.model, QUERY]
    runs = [run(command) for _ in range(STARTS)]
    return {
        **spread([done.seconds * 1e3 for done in runs]),
        "mebibytes": max(done.mebibytes for done in runs),
    }
