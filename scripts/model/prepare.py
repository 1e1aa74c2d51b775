#!/usr/bin/env python3
"""Makes the default model's training data. Python's standard library only; the same seed gives the same data.

    scripts/model/prepare.py --data ../shared/data --output target/model/data

Sources: medquad, stackexchange, openstax, msdocs, wiki, wordnet (see docs/model/data.md). Writes

    corpus.jsonl.gz    {"_id", "text"}: passages to mine negatives from
    pairs.jsonl.gz     {"query", "positive", "source", "kind", "id"}: shuffled; `id` is the passage in the corpus that
                       the positive is or was made from (so that it is not mined as a negative), "" where there is none
    held-out.jsonl.gz  the same fields: 500 pairs for validation; their positives stay in the corpus
    mlm.txt.gz         a passage a line, for masked-language-model warm-up
    report.json        counts, licences, what was dropped

A passage's text is (title + " " + text).strip(), as Spork joins them. Passages that are the positive of a pair whose
query is (part of) their title come without the title in half of the cases, everywhere, so that the query isn't
always in the passage word for word.
"""

import argparse
import collections
import gzip
import io
import json
import math
import random
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import leaks  # noqa: E402

LICENCES = {
    "medquad": "CC BY 4.0",
    "stackexchange": "CC BY-SA 3.0 / 4.0",
    "openstax": "CC BY 4.0",
    "msdocs": "CC BY 4.0",
    "wiki": "CC BY-SA 3.0 / GFDL",
    "wordnet": "CC BY 4.0 and the WordNet licence",
}
STOP = frozenset(
    "a about above after again against all also although am among an and another any are as at be because been before "
    "being below between both but by can cannot could did do does doing down during each either etc even every few for "
    "from further had has have having he her here hers him his how however i if in instead into is it its itself just "
    "like made make makes many may me might more most much must my neither no nor not now of off often on once one only "
    "or other our out over own per rather same shall she should since so some such than that the their them then there "
    "therefore these they this those through thus to too under until up upon us use used using very via was we were "
    "what when where whether which while who whom whose why will with within without would you your yours known called "
    "include includes including several various two three first second new well see following".split()
)
ABBREVIATION = re.compile(r"(?:\b(?:[A-Z]|St|Dr|Mr|Mrs|Ms|Prof|No|Jr|Sr|vs|etc|e\.g|i\.e|Inc|Ltd|Co|Fig|approx|al|ca)\.)$")
BOUNDARY = re.compile(r"(?<=[.!?])[\"”’)]?\s+(?=[A-Z\"“(0-9])")
TOKEN = re.compile(r"[A-Za-z][A-Za-z'’-]*[A-Za-z]|\d{2,4}")
BOILERPLATE = re.compile(
    r"these resources address|table below includes|human phenotype ontology|medlineplus medical dictionary|"
    r"much of this information comes from orphanet|frequency of a sign or symptom is usually|approximate number of patients|"
    r"^(?:note|important|see also|for more information|learn more|copyright|all rights reserved)\b|"
    r"\bclick here\b|\bhttps?:|\bwww\.|learning objectives|by the end of this (?:section|chapter)|"
    r"you will be able to|this article has been|this page|this topic (?:describes|contains)|"
    r"^(?:return to|download|references? for|the following (?:table|list|code|example|sections?))\b",
    re.IGNORECASE,
)
GENERIC = frozenset(
    "what why how and the of to a in concepts case study scenario critical thinking review questions introduction "
    "summary overview conclusion references remarks example examples requirements see also syntax notes parameters "
    "return value description key terms chapter objectives learning background history discussion".split()
)
CITATION = re.compile(r"(?:[A-Z][\w-]+, (?:[A-Z]\.[ ,&]*)+){2}|https?://doi|\bdoi:")
PHENOTYPE_HEAD = re.compile(
    r"The Human Phenotype Ontology provides the following .*?"
    r"(?:Signs and Symptoms Approximate number of patients \(when available\)|$)"
)
PHENOTYPE_TAIL = re.compile(r"-? ?The Human Phenotype Ontology \(HPO\) has collected .*?(?:information on frequency is available\.|$)")


def log(message):
    print(f"prepare: {message}", file=sys.stderr, flush=True)


def clean(text):
    return " ".join(text.split())


def join(title, text):
    return (title + " " + text).strip()


def sentences(text):
    """Sentences by punctuation; not after initials and common abbreviations."""
    parts, start = [], 0
    for match in BOUNDARY.finditer(text):
        if ABBREVIATION.search(text[start : match.start()]):
            continue
        parts.append(text[start : match.end()].strip())
        start = match.end()
    parts.append(text[start:].strip())
    return [part for part in parts if part]


def lower_first(text):
    """`What is …` into `what is …`, as a search engine's users type: lower case, no final mark."""
    return text.lower().rstrip(" ?.!")


class Passage:
    """A passage of a source; `bare` ones come without their title."""

    __slots__ = ("id", "source", "title", "text", "bare")

    def __init__(self, passage_id, source, title, text):
        self.id, self.source, self.title, self.text, self.bare = passage_id, source, title, text, False

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
        """A generator of its own for each step, so that a change in one leaves the others as they were."""
        return random.Random(f"{self.seed}/{name}")

    def read(self, source, file):
        return leaks.jsonl(self.data / source / file)

    # Overlap with the test sets

    def overlaps_tests(self, text):
        """Whether a text equals a test text or shares a run of 13 words with one; names of the sets are counted."""
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
        if self.drop_overlap("passage", source, text) or self.drop_overlap("passage", source, join(title, text)):
            return None
        passage = Passage(passage_id, source, title, text)
        self.by_text[(source, text)] = passage
        self.passages[passage_id] = passage
        return passage

    def load_passages(self):
        for source in ("openstax", "msdocs", "wiki"):
            for record in self.read(source, "corpus.jsonl.gz"):
                self.add_passage(f"{source}:{record['_id']}", source, record["title"], record["text"])
            log(f"{source}: {sum(p.source == source for p in self.passages.values())} passages")

    # Pairs

    def add_pair(self, query, passage, kind, positive=None, source=None, text_words=None):
        """Adds a pair after the checks of quality; True when it was added."""
        source = source or passage.source
        query = clean(query)
        words = query.split()
        if not 2 <= len(words) <= 40 or not re.search("[A-Za-z]{2}", query):
            self.dropped[f"{source}: query under 2 or over 40 words"] += 1
            return False
        target = positive if positive is not None else passage.text
        if len(target.split()) < 8:
            self.dropped[f"{source}: positive under 8 words"] += 1
            return False
        normal = " ".join(leaks.normalise(query))
        key = (normal, passage.id if passage else target)
        if key in self.pair_keys or self.query_count[normal] >= 3:
            self.dropped[f"{source}: duplicate pair, or a query's fourth positive"] += 1
            return False
        if normal == " ".join(leaks.normalise(target)):
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


# Real pairs


TOPIC = re.compile(r"^(?:What I need to know about |What You Need to Know About |Your Guide to )", re.IGNORECASE)
TEMPLATES = [
    # (pattern of the set's question, natural forms)
    (r"What is \(are\) (.+?)", ["what is {}", "What is {}?", "{}", "{} symptoms and causes", "{} overview",
                                "{} definition", "what does {} mean", "{} disease information"]),
    (r"What are the symptoms of (.+?)", ["What are the symptoms of {}?", "{} symptoms", "signs of {}",
                                         "signs and symptoms of {}", "how do I know if I have {}"]),
    (r"What are the treatments for (.+?)", ["What are the treatments for {}?", "{} treatment", "how is {} treated",
                                            "treatment options for {}", "is there a cure for {}"]),
    (r"What are the genetic changes related to (.+?)", ["What are the genetic changes related to {}?", "{} gene",
                                                        "{} genetic cause", "which gene mutation causes {}"]),
    (r"How many people are affected by (.+?)", ["How many people are affected by {}?", "how common is {}",
                                                "{} prevalence", "how rare is {}"]),
    (r"Is (.+?) inherited", ["Is {} inherited?", "{} inheritance", "is {} hereditary", "how is {} passed on in families"]),
    (r"What causes (.+?)", ["What causes {}?", "{} causes", "why do people get {}", "cause of {}"]),
    (r"How to diagnose (.+?)", ["How is {} diagnosed?", "{} diagnosis", "tests for {}", "how to diagnose {}"]),
    (r"How to prevent (.+?)", ["How can {} be prevented?", "preventing {}", "{} prevention", "how to prevent {}"]),
    (r"Who is at risk for (.+?)", ["Who is at risk for {}?", "{} risk factors", "who gets {}"]),
    (r"What is the outlook for (.+?)", ["What is the outlook for {}?", "{} prognosis", "{} life expectancy"]),
    (r"What to do for (.+?)", ["What to do for {}?", "living with {}", "{} diet and lifestyle", "how to manage {}"]),
    (r"what research \(or clinical trials\) is being done for (.+?)", ["What research is being done for {}?",
                                                                       "{} clinical trials", "{} research"]),
    (r"Do you have information about (.+?)", ["information about {}", "{}", "what is {}", "facts about {}"]),
    (r"What are the complications of (.+?)", ["What are the complications of {}?", "{} complications"]),
    (r"What are the stages of (.+?)", ["What are the stages of {}?", "{} stages", "stage of {}"]),
]
TEMPLATES = [(re.compile("^" + pattern + r"\s*\??$", re.IGNORECASE), forms) for pattern, forms in TEMPLATES]


def natural_medical(rng, question):
    """A question of medquad as people would put it."""
    for pattern, forms in TEMPLATES:
        match = pattern.match(question)
        if match:
            topic = TOPIC.sub("", clean(match.group(1)).rstrip("?: "))
            form = rng.choice([f for f in forms if f != "{}" or " " in topic])
            return form.format(topic)
    return re.sub(r"\s+\?", "?", question)


def phenotypes(text):
    """An answer that lists signs and symptoms out of a table: its own words, and the list as a sentence."""
    before, listed = PHENOTYPE_HEAD.split(text, maxsplit=1)
    listed = clean(re.sub(r"\b\d+ ?%|\b\d+/\d+\b", ",", PHENOTYPE_TAIL.sub("", listed)))
    listed = re.sub(r"\s*,", ",", listed).rstrip(" ,-")
    topic = re.match(r"What are the signs and symptoms of (.+?)\?", before)
    if len(listed.split()) < 8 or topic is None:
        return before
    return f"{before} Signs and symptoms of {topic.group(1)}: {listed}."


def medical_answer(text):
    """An answer of medquad without the question that it repeats and without its site's standing sentences."""
    text = clean(text)
    if PHENOTYPE_HEAD.search(text):
        text = phenotypes(text)
    parts = sentences(text)
    if parts and parts[0].endswith("?"):
        parts = parts[1:]
    return " ".join(part for part in parts if not BOILERPLATE.search(part))


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
            builder.add_pair(typed(rng, natural_medical(rng, clean(record["query"]))), passage, "question")


def stackexchange(builder):
    rng = builder.random("stackexchange")
    for record in builder.read("stackexchange", "pairs.jsonl.gz"):
        passage = builder.add_passage(
            f"stackexchange:{record['site']}:{record['answer']}", "stackexchange", "", record["positive"]
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
    records = [record for record in builder.read("openstax", "pairs.jsonl.gz")]
    headings = collections.Counter(r["query"].lower() for r in records if r["kind"] == "heading")

    def make(rng, item):
        number, record = item
        query, kind = clean(record["query"]), record["kind"]
        passage = builder.add_passage(f"openstax:pair:{number}", "openstax", "", record["positive"])
        if passage is None:
            return False
        if kind == "heading" and (headings[query.lower()] > 3 or set(leaks.normalise(query)) <= GENERIC):
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
        builder.take(by_kind[kind], terms if kind == "term" else len(records), f"openstax {kind}", make)


CODE = re.compile(r"[a-z][A-Z]|[A-Za-z]\d|\d[A-Za-z]|_|::|[<>{}()\[\]=#\\/]|\.[a-z]|^-|[A-Z]{4,}")


def msdocs(builder, wanted):
    """Title and heading pairs: prose first, a fifth names of programming interfaces."""
    prose, code = [], []
    for record in builder.read("msdocs", "pairs.jsonl.gz"):
        query = clean(re.sub(r"\([A-Za-z0-9_.-]+\.h\)", "", record["query"]))
        query = re.sub(r"^(?:about_|\d+(?:\.\d+)*\s+)", "", query)
        words = query.split()
        if len(words) < 2 or set(leaks.normalise(query)) <= GENERIC or len(record["positive"].split()) < 12:
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

    leads = (p for p in builder.passages.values() if p.source == "wiki" and p.id.endswith("-0") and " " in p.title)
    builder.take(leads, wanted, "wiki title", make)


def wordnet(builder, wanted):
    def make(rng, record):
        return builder.add_pair(
            defined(rng, record["query"]), None, "gloss", positive=clean(record["positive"]), source="wordnet"
        )

    usable = (r for r in builder.read("wordnet", "pairs.jsonl.gz") if len(r["positive"].split()) >= 8)
    builder.take(usable, wanted, "wordnet", make)


# Pseudo-queries


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
    """A sentence as the query of its passage; half of the passages lose it where 30 words remain."""

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


RARE = math.log(100)  # a word that one passage in a hundred has, or fewer


def keywords(rng, text, idf, few, many):
    """Content words of a text in its order, drawn by rarity; None where it has too few."""
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
    chosen = sorted(sorted(keys, key=keys.get, reverse=True)[:count], key=lambda word: position[word][0])
    if sum(idf[word] >= RARE for word in chosen) < 2:
        return None
    return [position[word][1] for word in chosen]


def phrases(builder, counts, split, idf, with_title):
    """Key words of one or two neighbouring sentences, with the passage's title before or after them or without."""

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
            generic = set(leaks.normalise(" ".join(title))) <= GENERIC
            if not words or generic or not 1 <= len(title) <= 8 or any(CODE.search(word) for word in title):
                return False
            words = title + words if rng.random() < 0.7 else words + title
        query = " ".join(words)
        return builder.add_pair(query.lower() if rng.random() < 0.7 else query, passage,
                                "title-words" if with_title else "words")

    return make


def pseudo(builder, shares):
    """Inverse cloze and key words, by the shares of sources: {kind: {source: wanted}}."""
    by_source, counts, frequency, splits = collections.defaultdict(list), collections.Counter(), collections.Counter(), {}
    for passage in builder.passages.values():
        words = len(passage.text.split())
        for word in {match.group(0).lower() for match in TOKEN.finditer(passage.text)}:
            frequency[word] += 1
        if passage.source in shares["cloze"] and 15 <= words <= 240 and not CITATION.search(passage.text):
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
        "words": phrases(builder, counts, split, idf, False),
        "title-words": phrases(builder, counts, split, idf, True),
    }
    for kind, sources in shares.items():
        for source, wanted in sources.items():
            builder.take(by_source[source], wanted, f"{kind} {source}", makers[kind])


# Output


def write_lines(path, lines):
    """Writes gzip without a name or time inside, so that the same content gives the same bytes."""
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file, gzip.GzipFile("", "wb", 6, file, mtime=0) as packed:
        with io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as text:
            for line in lines:
                text.write(line + "\n")
    part.replace(path)


def dump(record):
    return json.dumps(record, ensure_ascii=False)


def pair_record(builder, pair):
    query, positive, source, kind, passage_id = pair
    text = positive if positive is not None else builder.passages[passage_id].full()
    return {"query": query, "positive": text, "source": source, "kind": kind, "id": passage_id}


def hold_out(builder, wanted):
    """Splits off `wanted` pairs whose positive is a passage as it stands in the corpus, and all pairs of their queries."""
    rng = builder.random("held-out")
    pairs = builder.pairs
    rng.shuffle(pairs)
    held, queries = [], set()
    for pair in pairs:
        if len(held) >= wanted:
            break
        normal = " ".join(leaks.normalise(pair[0]))
        if pair[1] is None and normal not in queries:
            held.append(pair)
            queries.add(normal)
    builder.pairs = [pair for pair in pairs if " ".join(leaks.normalise(pair[0])) not in queries]
    return held


def choose_corpus(builder, held, caps):
    needed = {pair[4] for pair in builder.pairs} | {pair[4] for pair in held}
    chosen = []
    for source in ("openstax", "msdocs", "wiki", "medquad", "stackexchange"):
        passages = [p for p in builder.passages.values() if p.source == source]
        inside = [p for p in passages if p.id in needed]
        others = [p for p in passages if p.id not in needed]
        cap = caps.get(source)
        if cap is not None:
            others = builder.random(f"corpus {source}").sample(others, max(0, min(len(others), cap - len(inside))))
        ids = {p.id for p in inside} | {p.id for p in others}
        chosen += [p for p in passages if p.id in ids]
    return chosen


def choose_mlm(builder, cap):
    lines = []
    for source in ("openstax", "msdocs", "wiki", "medquad", "stackexchange"):
        passages = [p for p in builder.passages.values() if p.source == source]
        if source == "msdocs" and cap is not None and len(passages) > cap:
            passages = builder.random("mlm msdocs").sample(passages, cap)
        lines += [join(p.title, p.text) for p in passages]
    builder.random("mlm").shuffle(lines)
    return lines


def scaled(shares, total):
    """Splits a total by shares of a hundred."""
    return {source: total * share // 100 for source, share in shares.items()}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--output", type=Path, default=Path("target/model/data"))
    parser.add_argument("--seed", type=int, default=20)
    for name, default, text in (
        ("wiki-passages", 45000, "passages of wiki in the corpus"),
        ("msdocs-passages", 30000, "passages of msdocs in the corpus"),
        ("openstax-passages", None, "passages of openstax in the corpus [all]"),
        ("medquad-passages", None, "passages of medquad in the corpus [all]"),
        ("stackexchange-passages", None, "passages of stackexchange in the corpus [all]"),
        ("mlm-msdocs", 60000, "passages of msdocs in mlm.txt"),
        ("openstax-terms", 6000, "pairs of openstax's bold terms"),
        ("msdocs-pairs", 12000, "title and heading pairs of msdocs"),
        ("wiki-pairs", 8000, "title pairs of wiki"),
        ("wordnet-pairs", 4000, "lemma pairs of wordnet"),
        ("cloze", 25000, "inverse cloze pairs"),
        ("words", 15000, "key-word pairs"),
        ("title-words", 5000, "title and key-word pairs"),
        ("held-out", 500, "pairs for validation"),
    ):
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{text} (default {default})" if default else text)
    parser.add_argument("--no-exclude-overlap", dest="exclude_overlap", action="store_false",
                        help="keep what equals a text of a test set or shares a run of 13 words with one")
    parser.add_argument("--exclude-overlap", dest="exclude_overlap", action="store_true", default=True,
                        help="leave those out (the default)")
    return parser.parse_args()


def main():
    options = arguments()
    start = time.monotonic()
    index = leaks.load_tests(options.data) if options.exclude_overlap else None
    builder = Builder(options.data, options.seed, index)
    builder.load_passages()
    medquad(builder)
    stackexchange(builder)
    openstax(builder, options.openstax_terms)
    msdocs(builder, options.msdocs_pairs)
    wiki_titles(builder, options.wiki_pairs)
    wordnet(builder, options.wordnet_pairs)
    pseudo(builder, {
        "cloze": scaled({"wiki": 48, "openstax": 24, "medquad": 16, "msdocs": 12}, options.cloze),
        "words": scaled({"wiki": 48, "openstax": 26, "medquad": 13, "msdocs": 13}, options.words),
        "title-words": scaled({"wiki": 60, "openstax": 30, "msdocs": 10}, options.title_words),
    })

    held = hold_out(builder, options.held_out)
    caps = {source: getattr(options, f"{source}_passages") for source in
            ("wiki", "msdocs", "openstax", "medquad", "stackexchange")}
    corpus = choose_corpus(builder, held, caps)
    mlm = choose_mlm(builder, options.mlm_msdocs)

    options.output.mkdir(parents=True, exist_ok=True)
    write_lines(options.output / "corpus.jsonl.gz", (dump({"_id": p.id, "text": p.full()}) for p in corpus))
    write_lines(options.output / "pairs.jsonl.gz", (dump(pair_record(builder, pair)) for pair in builder.pairs))
    write_lines(options.output / "held-out.jsonl.gz", (dump(pair_record(builder, pair)) for pair in held))
    write_lines(options.output / "mlm.txt.gz", mlm)

    report = {
        "seed": options.seed,
        "licences": LICENCES,
        "corpus": {"all": len(corpus), **collections.Counter(p.source for p in corpus)},
        "pairs": {"all": len(builder.pairs),
                  **dict(sorted(collections.Counter(f"{pair[2]} {pair[3]}" for pair in builder.pairs).items()))},
        "held_out": {"all": len(held), **collections.Counter(f"{pair[2]} {pair[3]}" for pair in held)},
        "mlm": len(mlm),
        "dropped": dict(sorted(builder.dropped.items())),
        "overlaps_with_test_sets": dict(sorted(builder.overlaps.items())),
    }
    text = json.dumps(report, indent=1, ensure_ascii=False)
    (options.output / "report.json").write_text(text + "\n", encoding="utf-8")
    print(text)
    log(f"{time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
