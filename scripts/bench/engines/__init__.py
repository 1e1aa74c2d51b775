"""Other engines, measured beside Spork: see scripts/bench/peers.

`python -m engines` runs everything and needs the standard library alone; `engines.worker` does one
step with one peer and runs in a virtual environment of its own.
"""

DEPTHS = [10, 1000]

# The recall that an approximate engine's setting must have to be its best.
ENOUGH_RECALL = 0.99

# Of each peer the module and the class.
PEERS = {
    "numba": ("loops", "Numba"),
    "pisa": ("pisa", "Pisa"),
    "lucene": ("lucene", "Lucene"),
    "bmp": ("bmp", "Bmp"),
    "seismic": ("seismic", "Seismic"),
    "sindi": ("sindi", "Sindi"),
    "sindi-pruned": ("sindi", "PrunedSindi"),
    "kannolo": ("kannolo", "Kannolo"),
}

# Peers whose answers need not be the best documents.
APPROXIMATE = {"bmp", "seismic", "sindi-pruned", "kannolo"}
