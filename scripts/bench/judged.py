"""Collections with judgments, and where their files are."""

from pathlib import Path
from typing import NamedTuple

from results import ROOT

JUDGED = ["scifact", "cranfield", "cisi", "msmarco-mini", "boolq", "squad-slice"]


class Judged(NamedTuple):
    """The files of a collection."""

    corpus: Path
    topics: Path
    qrels: Path


def judged(data, name):
    """The files of a collection: the repository's own, or those under `data`. Of MS MARCO mini
    those of TREC DL 2019.
    """
    part = ".dl19" if name == "msmarco-mini" else ""
    own = ROOT / "data" / name
    folder = own if own.exists() else Path(data) / name
    return Judged(
        folder / "corpus.jsonl.gz", folder / f"queries{part}.tsv", folder / f"qrels{part}.tsv"
    )


def label(name):
    """A collection's name on a page."""
    return {"msmarco-mini": "MS MARCO mini, DL 2019"}.get(name, name)
