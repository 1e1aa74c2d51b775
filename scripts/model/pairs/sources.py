"""Pairs that the sources have themselves: questions, headings, titles, glosses."""

import collections
import re

import leaks

from .medical import medical_answer, natural_medical
from .text import BOILERPLATE, CODE, GENERIC, clean, lower_first


def typed(rng, question):
    return lower_first(question) if rng.random() < 0.5 else question


def medquad(builder):
    rng = builder.random("medquad")
    for number, record in enumerate(builder.read("medquad", "pairs.jsonl.gz")):
        text = record["positive"]
        if text.startswith("These resources address"):
            builder.dropped["medquad: list of links as an answer"] += 1
            continue
        passage = builder.add_passage(f"medquad:{number}", "medquad", "", medical_answer(text))
        if passage:
            builder.add_pair(
                typed(rng, natural_medical(rng, clean(record["query"]))), passage, "question"
            )


def stackexchange(builder):
    rng = builder.random("stackexchange")
    for record in builder.read("stackexchange", "pairs.jsonl.gz"):
        passage = builder.add_passage(
            f"stackexchange:{record['site']}:{record['answer']}",
            "stackexchange",
            "",
            record["positive"],
        )
        if passage:
            builder.add_pair(typed(rng, clean(record["query"])), passage, "question")


def defined(rng, term):
    """A query for a term's meaning; a bare term only where it has two words or more."""
    forms = ["what is {}", "{} definition", "define {}", "{} meaning", "What does {} mean?"]
    if " " in term:
        forms += ["{}"] * 5
    return rng.choice(forms).format(term)


def openstax(builder, terms):
    records = list(builder.read("openstax", "pairs.jsonl.gz"))
    headings = collections.Counter(r["query"].lower() for r in records if r["kind"] == "heading")

    def make(rng, item):
        number, record = item
        query, kind = clean(record["query"]), record["kind"]
        passage = builder.add_passage(f"openstax:pair:{number}", "openstax", "", record["positive"])
        if passage is None:
            return False
        if kind == "heading" and (
            headings[query.lower()] > 3 or set(leaks.normalize(query)) <= GENERIC
        ):
            builder.dropped["openstax: generic heading"] += 1
            return False
        if kind in ("heading", "term"):
            builder.bare(rng, passage)
        if kind == "question":
            query = typed(rng, query)
        elif kind == "glossary" or " " not in query:
            query = defined(rng, query)
        elif rng.random() < 0.3:
            query = query.lower()
        return builder.add_pair(query, passage, kind)

    by_kind = collections.defaultdict(list)
    for number, record in enumerate(records):
        by_kind[record["kind"]].append((number, record))
    for kind in ("question", "glossary", "heading", "term"):
        builder.take(
            by_kind[kind], terms if kind == "term" else len(records), f"openstax {kind}", make
        )


def msdocs(builder, wanted):
    """Title and heading pairs: prose first, a fifth names of programming interfaces."""
    prose, code = [], []
    for record in builder.read("msdocs", "pairs.jsonl.gz"):
        query = clean(re.sub(r"\([A-Za-z0-9_.-]+\.h\)", "", record["query"]))
        query = re.sub(r"^(?:about_|\d+(?:\.\d+)*\s+)", "", query)
        words = query.split()
        if (
            len(words) < 2
            or set(leaks.normalize(query)) <= GENERIC
            or len(record["positive"].split()) < 12
        ):
            continue
        plain = sum(not CODE.search(word) for word in words)
        item = (query, record["positive"], record["kind"])
        (prose if plain == len(words) else code).append(item)

    def make(rng, item):
        query, positive, kind = item
        passage = builder.by_text.get(("msdocs", clean(positive)))
        if passage is None or BOILERPLATE.search(positive):
            return False
        builder.bare(rng, passage)
        return builder.add_pair(query.lower() if rng.random() < 0.5 else query, passage, kind)

    builder.take(prose, wanted * 4 // 5, "msdocs prose", make)
    builder.take(code, wanted - wanted * 4 // 5, "msdocs code", make)


def wiki_titles(builder, wanted):
    def make(rng, passage):
        query = clean(re.sub(r"[()]", " ", passage.title))
        if len(passage.text.split()) < 20:
            return False
        builder.bare(rng, passage)
        return builder.add_pair(query.lower() if rng.random() < 0.5 else query, passage, "title")

    leads = (
        p
        for p in builder.passages.values()
        if p.source == "wiki" and p.id.endswith("-0") and " " in p.title
    )
    builder.take(leads, wanted, "wiki title", make)


def wordnet(builder, wanted):
    def make(rng, record):
        return builder.add_pair(
            defined(rng, record["query"]),
            None,
            "gloss",
            positive=clean(record["positive"]),
            source="wordnet",
        )

    usable = (
        r for r in builder.read("wordnet", "pairs.jsonl.gz") if len(r["positive"].split()) >= 8
    )
    builder.take(usable, wanted, "wordnet", make)
