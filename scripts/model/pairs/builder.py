"""Collects passages and pairs: one of each, none that overlaps a test set."""

import collections
import random
import re

import leaks

from .text import clean, join, log


class Passage:
    """A passage of a source; `bare` ones come without their title."""

    __slots__ = ("bare", "id", "source", "text", "title")

    def __init__(self, passage_id, source, title, text):
        self.id, self.source, self.title, self.text, self.bare = (
            passage_id,
            source,
            title,
            text,
            False,
        )

    def full(self):
        return self.text if self.bare else join(self.title, self.text)


class Builder:
    def __init__(self, data, seed, index):
        self.data, self.seed, self.index = data, seed, index
        self.passages = {}  # id -> Passage, in the order of the sources
        self.by_text = {}  # (source, text) -> Passage
        self.pairs = []  # (query, positive or None for the passage as it is, source, kind, id)
        self.pair_keys = set()
        self.query_count = collections.Counter()
        self.dropped = collections.Counter()
        self.overlaps = collections.Counter()
        self.checked = {}

    def random(self, name):
        """A generator of its own for each step, so that a change in one leaves the others as they
        were.
        """
        return random.Random(f"{self.seed}/{name}")

    def read(self, source, file):
        return leaks.jsonl(self.data / source / file)

    # Overlap with the test sets

    def overlaps_tests(self, text):
        """Whether a text equals a test text or shares a run of 13 words with one; names of the sets
        are counted.
        """
        if self.index is None:
            return False
        if text not in self.checked:
            equal, shared = self.index.touches(text)
            numbers = set(equal).union(*(self.index.by_shingle[s] for s in shared))
            self.checked[text] = {self.index.texts[n].set for n in numbers} if numbers else None
        return bool(self.checked[text])

    def drop_overlap(self, what, source, text):
        if not self.overlaps_tests(text):
            return False
        self.dropped[f"{source}: {what} overlapping a test set"] += 1
        for name in self.checked[text]:
            self.overlaps[f"{source} {what} / {name}"] += 1
        return True

    # Passages

    def add_passage(self, passage_id, source, title, text):
        """The passage of this text, new or known; None where it is left out."""
        title, text = clean(title), clean(text)
        known = self.by_text.get((source, text))
        if known or (source, text) in self.by_text:
            return known
        self.by_text[(source, text)] = None
        if len(text.split()) < 8:
            self.dropped[f"{source}: passage under 8 words"] += 1
            return None
        if self.drop_overlap("passage", source, text) or self.drop_overlap(
            "passage", source, join(title, text)
        ):
            return None
        passage = Passage(passage_id, source, title, text)
        self.by_text[(source, text)] = passage
        self.passages[passage_id] = passage
        return passage

    def load_passages(self):
        for source in ("openstax", "msdocs", "wiki"):
            for record in self.read(source, "corpus.jsonl.gz"):
                self.add_passage(
                    f"{source}:{record['_id']}", source, record["title"], record["text"]
                )
            log(f"{source}: {sum(p.source == source for p in self.passages.values())} passages")

    # Pairs

    def add_pair(self, query, passage, kind, positive=None, source=None, longest=40):
        """Adds a pair after the checks of quality; True when it was added. Its query has at most
        `longest` words.
        """
        source = source or passage.source
        query = clean(query)
        words = query.split()
        if not 2 <= len(words) <= longest or not re.search("[A-Za-z]{2}", query):
            self.dropped[f"{source}: query under 2 or over {longest} words"] += 1
            return False
        target = positive if positive is not None else passage.text
        if len(target.split()) < 8:
            self.dropped[f"{source}: positive under 8 words"] += 1
            return False
        normal = " ".join(leaks.normalize(query))
        key = (normal, passage.id if passage else target)
        if key in self.pair_keys or self.query_count[normal] >= 3:
            self.dropped[f"{source}: duplicate pair, or a query's fourth positive"] += 1
            return False
        if normal == " ".join(leaks.normalize(target)):
            self.dropped[f"{source}: query equals positive"] += 1
            return False
        if self.drop_overlap("query", source, query):
            return False
        if positive is not None and self.drop_overlap("positive", source, positive):
            return False
        self.pair_keys.add(key)
        self.query_count[normal] += 1
        self.pairs.append((query, positive, source, kind, passage.id if passage else ""))
        return True

    def take(self, candidates, wanted, name, make):
        """Calls `make` on shuffled candidates until `wanted` pairs came of it."""
        rng = self.random(name)
        candidates = list(candidates)
        rng.shuffle(candidates)
        made = 0
        for candidate in candidates:
            if made >= wanted:
                break
            made += bool(make(rng, candidate))
        log(f"{name}: {made} of {wanted} pairs")

    def bare(self, rng, passage):
        if rng.random() < 0.5:
            passage.bare = True
