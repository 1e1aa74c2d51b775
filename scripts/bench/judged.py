"""Collections with judgments: where their files are, and how good runs are on them."""

from pathlib import Path
from typing import NamedTuple

from program import spork
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


def ndcg(qrels, *runs):
    """The columns of nDCG@10 that `spork eval` prints: of one run the value is the last; of two
    they are both values, the difference, and p by randomization and by t test. A topic without a
    result counts as 0.
    """
    lines = spork("eval", "--complete", "--metrics", "nDCG@10", "--qrels", qrels, "--run", *runs)
    return next(line.split()[1:] for line in lines.splitlines() if "nDCG@10" in line)
