"""Documents a second of whole processes, and what a second core adds."""

from .program import encode, spread
from .texts import head


def documents(bench):
    """Every mode encodes all texts, in turn; the vectors stay as MODE.svec."""
    seconds, memory = {mode.name: [] for mode in bench.modes}, {}
    for _ in range(bench.rounds):
        for mode in bench.modes:
            done = encode(mode, bench.model, bench.texts, bench.vectors(mode))
            seconds[mode.name].append(bench.count / done.seconds)
            memory[mode.name] = max(memory.get(mode.name, 0.0), done.mebibytes)
    return {name: {**spread(rates), "mebibytes": memory[name]} for name, rates in seconds.items()}


def cores(bench):
    """A quarter of the texts on one core and on two, in turn: how many times as fast two are."""
    quarter = bench.count // 4
    texts = head(bench.texts, quarter, bench.folder)
    ratios = {mode.name: [] for mode in bench.rust}
    for _ in range(bench.rounds):
        for mode in bench.rust:
            one, two = (
                encode(mode, bench.model, texts, bench.folder / "cores.svec", cores=chosen).seconds
                for chosen in ([0], [0, 1])
            )
            ratios[mode.name].append(one / two)
    return {name: spread(some) for name, some in ratios.items()}
