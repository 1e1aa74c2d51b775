"""How PyTerrier draws transformers."""

from __future__ import annotations

HELP = "https://github.com/spork-search/spork/blob/main/docs/python.md#pyterrier"


def drawn_as(label: str) -> dict[str, str]:
    """A transformer's label, which should have at most 20 characters, and its page: PyTerrier would
    look for one on the network."""
    return {"label": label, "help_url": HELP}
