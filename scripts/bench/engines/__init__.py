"""Other engines, measured beside Spork: see scripts/bench/peers.

`python -m engines` runs everything and needs the standard library alone; `engines.worker` does one
step with one peer and runs in a virtual environment of its own.
"""

DEPTHS = [10, 1000]

# An approximate engine is measured with the fastest of its settings that has this recall, for each.
RECALLS = [0.98, 0.99]
# The queries that settings are chosen with.
TRIAL_QUERIES = 100

# Of each peer the module and the class.
PEERS = {
    "numba": ("loops", "Numba"),
    "splade-index": ("spladeindex", "SpladeIndex"),
    "pisa": ("pisa", "Pisa"),
    "lucene": ("lucene", "Lucene"),
    "bmp": ("bmp", "Bmp"),
    "seismic": ("seismic", "Seismic"),
    "seismic-long": ("seismic", "LongSeismic"),
    "sindi": ("sindi", "Sindi"),
    "sindi-pruned": ("sindi", "PrunedSindi"),
    "kannolo": ("kannolo", "Kannolo"),
}

# Peers whose answers need not be the best documents.
APPROXIMATE = {"bmp", "seismic", "seismic-long", "sindi-pruned", "kannolo"}


def best_settings(tried: list[tuple[float, float, dict]]) -> list[dict]:
    """Of settings with their recall and time the fastest that reaches each recall; where none does,
    the one with the most. A setting that is the best for two comes once.
    """
    best = []
    for enough in RECALLS:
        _, _, setting = max(tried, key=lambda row: (min(row[0], enough), -row[1]))
        if setting not in best:
            best.append(setting)
    return best
