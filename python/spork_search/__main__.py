"""``python -m spork_search``: the command ``spork``."""

from ._cli import main

main()
