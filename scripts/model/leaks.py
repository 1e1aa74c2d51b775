#!/usr/bin/env python3
"""Looks for texts of the test sets in the training data. Python's standard library only.

    scripts/model/leaks.py --train target/model/data --data ../shared/data
        [--report leaks.json] [--allow FILE]

Training texts: the queries and positives of pairs.jsonl.gz, further.jsonl.gz and held-out.jsonl.gz,
the passages of corpus.jsonl.gz and the lines of mlm.txt.gz. Test texts: the queries and documents
of the sets in TEST_SETS.

Texts are compared as sequences of lower-case alphanumeric words. A test text leaks when it

* equals a training text, or
* has 13 words or more and at least half of its runs of 13 words (shingles) stand somewhere in the
  training texts.

A document is its text, and its title with its text: either counts. The report has, for each test
set, how many documents and queries leak either way, and how many share at least one shingle (for
information). Exit status: 0 without leaks, 1 with, 2 when called wrongly. --allow names a file of
accepted leaks, `set<TAB>id` a line; `#` comments.
"""

import argparse
import gzip
import json
import re
import sys
from pathlib import Path

SIZE = 13
SHARE = 0.5
# set: the query files; documents are always corpus.jsonl.gz.
TEST_SETS = {
    "scifact": ["queries.tsv", "queries.train.tsv"],
    "cranfield": ["queries.tsv"],
    "cisi": ["queries.tsv"],
    "adi": ["queries.tsv"],
    "boolq": ["queries.tsv"],
    "squad-slice": ["queries.tsv"],
    "msmarco-mini": ["queries.dev.tsv", "queries.dl19.tsv"],
}
WORD = re.compile(r"[^\W_]+")


def normalize(text):
    """The lower-case alphanumeric words of a text."""
    return WORD.findall(text.lower())


def shingles(words, size=SIZE):
    """Hashes of runs of `size` words. A shorter text has none: it can only equal another."""
    return [hash(" ".join(words[i : i + size])) for i in range(len(words) - size + 1)]


def jsonl(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


class TestText:
    """A query or document of a test set, and what of it was found in training texts."""

    __slots__ = ("equal", "found", "id", "kind", "set", "size")
    __test__ = False

    def __init__(self, set_name, kind, text_id, size):
        self.set, self.kind, self.id, self.size = set_name, kind, text_id, size
        self.found = set()
        self.equal = False

    def share(self):
        return len(self.found) / self.size if self.size else 0.0

    def leaks(self):
        return self.equal or self.share() >= SHARE


class Index:
    """The test texts, found by their words and by their shingles."""

    def __init__(self):
        self.texts = []
        self.by_words = {}
        self.by_shingle = {}

    def add(self, set_name, kind, text_id, variants):
        """Adds a text; `variants` are strings that stand for it, the first is what its shingles are
        counted on.
        """
        words = [normalize(variant) for variant in variants]
        own = set(shingles(words[0]))
        number = len(self.texts)
        self.texts.append(TestText(set_name, kind, text_id, len(own)))
        for variant in words:
            if variant:
                self.by_words.setdefault(hash(" ".join(variant)), []).append(number)
        for shingle in own:
            self.by_shingle.setdefault(shingle, []).append(number)

    def touches(self, text):
        """(numbers of equal test texts, hashes of the shingles that stand in a test text)."""
        words = normalize(text)
        equal = self.by_words.get(hash(" ".join(words)), ()) if words else ()
        return equal, {s for s in shingles(words) if s in self.by_shingle}

    def record(self, text):
        """Notes what a training text gives away."""
        equal, shared = self.touches(text)
        for number in equal:
            self.texts[number].equal = True
        for shingle in shared:
            for number in self.by_shingle[shingle]:
                self.texts[number].found.add(shingle)

    def report(self, allowed=frozenset()):
        """Counts by set and kind, and the leaks that are not allowed."""
        counts, leaks = {}, []
        for text in self.texts:
            row = counts.setdefault(text.set, {}).setdefault(
                text.kind,
                {"texts": 0, "equal": 0, "half_of_shingles": 0, "any_shingle": 0, "allowed": 0},
            )
            row["texts"] += 1
            row["equal"] += text.equal
            row["half_of_shingles"] += text.share() >= SHARE
            row["any_shingle"] += bool(text.found)
            if text.leaks():
                if (text.set, text.id) in allowed:
                    row["allowed"] += 1
                else:
                    leaks.append(text)
        return counts, leaks


def load_tests(data, sets=TEST_SETS):
    """The index of the test sets in folder `data`."""
    index = Index()
    for name, query_files in sets.items():
        for record in jsonl(data / name / "corpus.jsonl.gz"):
            title, text = record.get("title", ""), record["text"]
            index.add(name, "documents", record["_id"], [text, f"{title} {text}"])
        for file in query_files:
            for line in (data / name / file).read_text(encoding="utf-8").splitlines():
                query_id, text = line.split("\t", 1)
                index.add(name, "queries", query_id, [text])
    return index


def training_texts(folder):
    """All texts of a folder that prepare.py wrote."""
    for file in ("pairs.jsonl.gz", "further.jsonl.gz", "held-out.jsonl.gz"):
        for record in jsonl(folder / file):
            yield record["query"]
            yield record["positive"]
    for record in jsonl(folder / "corpus.jsonl.gz"):
        yield record["text"]
    with gzip.open(folder / "mlm.txt.gz", "rt", encoding="utf-8") as lines:
        yield from lines


def read_allowed(path):
    if path is None:
        return frozenset()
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(
        tuple(line.split("\t", 1)) for line in lines if line and not line.startswith("#")
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--train", type=Path, default=Path("target/model/data"), help="folder that prepare.py wrote"
    )
    parser.add_argument(
        "--data", type=Path, default=Path("../shared/data"), help="folder of the test sets"
    )
    parser.add_argument("--report", type=Path, help="write the counts and leaks as JSON")
    parser.add_argument("--allow", type=Path, help="accepted leaks: `set<TAB>id` a line")
    arguments = parser.parse_args()

    index = load_tests(arguments.data)
    seen = set()
    for text in training_texts(arguments.train):
        key = hash(text)
        if key not in seen:
            seen.add(key)
            index.record(text)
    counts, leaks = index.report(read_allowed(arguments.allow))

    print(f"{len(seen)} distinct training texts")
    print(f"{'set':14}{'kind':11}{'texts':>7}{'equal':>7}{'half':>7}{'any':>7}{'allowed':>9}")
    for name, kinds in counts.items():
        for kind, row in kinds.items():
            print(
                f"{name:14}{kind:11}"
                + "".join(
                    f"{row[key]:>{width}}"
                    for key, width in (
                        ("texts", 7),
                        ("equal", 7),
                        ("half_of_shingles", 7),
                        ("any_shingle", 7),
                        ("allowed", 9),
                    )
                )
            )
    for text in leaks[:50]:
        print(
            f"leak: {text.set} {text.kind} {text.id}: "
            + ("equal" if text.equal else f"{text.share():.0%} of shingles")
        )
    if len(leaks) > 50:
        print(f"leak: and {len(leaks) - 50} more")
    if arguments.report:
        listed = [
            {
                "set": t.set,
                "kind": t.kind,
                "id": t.id,
                "equal": t.equal,
                "share": round(t.share(), 3),
            }
            for t in leaks
        ]
        arguments.report.write_text(
            json.dumps({"counts": counts, "leaks": listed}, indent=1) + "\n", encoding="utf-8"
        )
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
