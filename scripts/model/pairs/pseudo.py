"""Queries made of the passages themselves: a sentence of it, or its key words."""

import collections
import math
import re

import leaks

from .text import (
    BOILERPLATE,
    CITATION,
    CODE,
    GENERIC,
    STOP,
    TOKEN,
    join,
    log,
    lower_first,
    sentences,
)


def usable_sentence(sentence, counts):
    words = sentence.split()
    return (
        6 <= len(words) <= 30
        and counts[sentence] <= 2
        and not BOILERPLATE.search(sentence)
        and sum(w[0].isalpha() for w in words) >= 0.7 * len(words)
        and sum(bool(CODE.search(w)) for w in words) <= 2
    )


def cloze(builder, counts, split):
    """A sentence as the query of its passage; half of the passages lose it if 30 words remain."""

    def make(rng, passage):
        parts = split(passage)
        numbers = [n for n, part in enumerate(parts) if usable_sentence(part, counts)]
        if len(parts) < 2 or not numbers:
            return False
        chosen = rng.choice(numbers)
        query = parts[chosen]
        positive = None
        rest = " ".join(parts[:chosen] + parts[chosen + 1 :])
        if rng.random() < 0.5 and len(rest.split()) >= 30:
            positive = rest if passage.bare else join(passage.title, rest)
        if rng.random() < 0.3:
            query = lower_first(query)
        return builder.add_pair(query, passage, "cloze", positive=positive)

    return make


LONGEST_CROP = 120  # words


def crop(builder, counts, split):
    """Two to five sentences of a passage as the query of the rest: a query of a paragraph."""

    def make(rng, passage):
        parts = split(passage)
        count = rng.randint(2, 5)
        starts = [
            start
            for start in range(len(parts) - count)
            if all(usable_sentence(part, counts) for part in parts[start : start + count])
        ]
        if not starts:
            return False
        start = rng.choice(starts)
        query = " ".join(parts[start : start + count])
        rest = " ".join(parts[:start] + parts[start + count :])
        if len(rest.split()) < 30:
            return False
        positive = rest if passage.bare else join(passage.title, rest)
        return builder.add_pair(query, passage, "crop", positive=positive, longest=LONGEST_CROP)

    return make


RARE = math.log(100)  # a word that one passage in a hundred has, or fewer


def keywords(rng, text, idf, few, many):
    """Content words of a text in its order, drawn by idf; None where it has too few."""
    position = {}
    for place, match in enumerate(TOKEN.finditer(text)):
        word = match.group(0)
        lower = word.lower()
        if lower in STOP or len(word) < 3 or lower not in idf or CODE.search(word):
            continue
        position.setdefault(lower, (place, word))
    if len(position) < few:
        return None
    count = min(rng.randint(few, many), len(position))
    keys = {word: rng.random() ** (1.0 / idf[word] ** 2) for word in position}
    chosen = sorted(
        sorted(keys, key=keys.get, reverse=True)[:count], key=lambda word: position[word][0]
    )
    if sum(idf[word] >= RARE for word in chosen) < 2:
        return None
    return [position[word][1] for word in chosen]


def phrases(builder, counts, split, idf, with_title):
    """Key words of one or two neighboring sentences, with the passage's title before or after them
    or without.
    """

    def make(rng, passage):
        parts = split(passage)
        numbers = [n for n, part in enumerate(parts) if usable_sentence(part, counts)]
        if not numbers:
            return False
        chosen = rng.choice(numbers)
        text = " ".join(parts[chosen : chosen + rng.randint(1, 2)])
        words = keywords(rng, text, idf, 2, 4) if with_title else keywords(rng, text, idf, 3, 8)
        if words is None:
            return False
        if with_title:
            title = re.sub(r"[()—:]", " ", passage.title.split(" — ")[-1]).split()
            known = {word.lower() for word in title}
            words = [word for word in words if word.lower() not in known]
            generic = set(leaks.normalize(" ".join(title))) <= GENERIC
            if (
                not words
                or generic
                or not 1 <= len(title) <= 8
                or any(CODE.search(word) for word in title)
            ):
                return False
            words = title + words if rng.random() < 0.7 else words + title
        query = " ".join(words)
        return builder.add_pair(
            query.lower() if rng.random() < 0.7 else query,
            passage,
            "title-words" if with_title else "words",
        )

    return make


def pseudo(builder, shares):
    """Inverse cloze, paragraphs and key words: {kind: {source: how many are wanted}}."""
    by_source, counts, frequency, splits = (
        collections.defaultdict(list),
        collections.Counter(),
        collections.Counter(),
        {},
    )
    for passage in builder.passages.values():
        words = len(passage.text.split())
        for word in {match.group(0).lower() for match in TOKEN.finditer(passage.text)}:
            frequency[word] += 1
        if (
            passage.source in shares["cloze"]
            and 15 <= words <= 240
            and not CITATION.search(passage.text)
        ):
            by_source[passage.source].append(passage)
            splits[passage.id] = sentences(passage.text)
            counts.update(splits[passage.id])
    total = len(builder.passages)
    idf = {word: math.log(1 + total / count) for word, count in frequency.items() if count >= 2}
    log(f"{len(idf)} words, {len(counts)} distinct sentences")

    def split(passage):
        return splits[passage.id]

    makers = {
        "cloze": cloze(builder, counts, split),
        "crop": crop(builder, counts, split),
        "words": phrases(builder, counts, split, idf, False),
        "title-words": phrases(builder, counts, split, idf, True),
    }
    for kind, sources in shares.items():
        for source, wanted in sources.items():
            builder.take(by_source[source], wanted, f"{kind} {source}", makers[kind])
