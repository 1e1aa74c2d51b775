#!/usr/bin/env python3
"""Makes the default model's training data. Python's standard library only; the same seed gives the
same data.

    scripts/model/prepare.py --data ../shared/data --output target/model/data

Sources: medquad, stackexchange, openstax, msdocs, wiki, wordnet (see docs/model/data.md). Writes

    corpus.jsonl.gz    {"_id", "text"}: passages to mine negatives from
    pairs.jsonl.gz     {"query", "positive", "source", "kind", "id"}: shuffled; `id` is the passage
                       in the corpus that the positive is or was made from (so that it is not mined
                       as a negative), "" where there is none
    further.jsonl.gz   the same fields: as many pairs made of passages once more, and queries of a
                       paragraph, for longer runs
    held-out.jsonl.gz  the same fields: 500 pairs for validation; their positives stay in the corpus
    validation/        a test set of these pairs and of 500 natural questions, which are not in the
                       pairs either: corpus.jsonl.gz (the positives among 10,000 other passages of
                       the corpus), queries.tsv, qrels.tsv
    mlm.txt.gz         a passage a line, for masked-language-model warm-up
    report.json        counts, licenses, what was dropped

A passage's text is (title + " " + text).strip(), as Spork joins them. Passages that are the
positive of a pair whose query is (part of) their title come without the title in half of the cases,
everywhere, so that the query isn't always in the passage word for word.
"""

import argparse
import collections
import gzip
import io
import json
import time
from pathlib import Path

import leaks
from pairs.builder import Builder
from pairs.pseudo import pseudo
from pairs.sources import medquad, msdocs, openstax, stackexchange, wiki_titles, wordnet
from pairs.text import join, log

LICENSES = {
    "medquad": "CC BY 4.0",
    "stackexchange": "CC BY-SA 3.0 / 4.0",
    "openstax": "CC BY 4.0",
    "msdocs": "CC BY 4.0",
    "wiki": "CC BY-SA 3.0 / GFDL",
    "wordnet": "CC BY 4.0 and the WordNet license",
}


def write_lines(path, lines):
    """Writes gzip without a name or time inside, so that the same content gives the same bytes."""
    part = path.with_name(path.name + ".part")
    with (
        open(part, "wb") as file,
        gzip.GzipFile("", "wb", 6, file, mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="\n") as text,
    ):
        for line in lines:
            text.write(line + "\n")
    part.replace(path)


def dump(record):
    return json.dumps(record, ensure_ascii=False)


def pair_record(builder, pair):
    query, positive, source, kind, passage_id = pair
    text = positive if positive is not None else builder.passages[passage_id].full()
    return {"query": query, "positive": text, "source": source, "kind": kind, "id": passage_id}


def hold_out(builder, name, wanted, fits=lambda pair: True):
    """Splits off `wanted` pairs that fit and whose positive is a passage as it stands in the
    corpus, and all pairs of their queries.
    """
    rng = builder.random(name)
    pairs = builder.pairs
    rng.shuffle(pairs)
    held, queries = [], set()
    for pair in pairs:
        if len(held) >= wanted:
            break
        normal = " ".join(leaks.normalize(pair[0]))
        if pair[1] is None and fits(pair) and normal not in queries:
            held.append(pair)
            queries.add(normal)
    builder.pairs = [pair for pair in pairs if " ".join(leaks.normalize(pair[0])) not in queries]
    return held


def further_pairs(builder, shares, held):
    """Pairs made of passages once more, other ones; none with a query that is held out."""
    known, seed = builder.pairs, builder.seed
    builder.pairs, builder.seed = [], f"{seed} further"
    pseudo(builder, shares)
    queries = {" ".join(leaks.normalize(pair[0])) for pair in held}
    made = [pair for pair in builder.pairs if " ".join(leaks.normalize(pair[0])) not in queries]
    builder.random("further").shuffle(made)
    builder.pairs, builder.seed = known, seed
    return made


def choose_corpus(builder, held, caps):
    needed = {pair[4] for pair in builder.pairs} | {pair[4] for pair in held}
    chosen = []
    for source in ("openstax", "msdocs", "wiki", "medquad", "stackexchange"):
        passages = [p for p in builder.passages.values() if p.source == source]
        inside = [p for p in passages if p.id in needed]
        others = [p for p in passages if p.id not in needed]
        cap = caps.get(source)
        if cap is not None:
            others = builder.random(f"corpus {source}").sample(
                others, max(0, min(len(others), cap - len(inside)))
            )
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


def natural(pair):
    """Whether a pair's query is a question that somebody asked."""
    return pair[2] in ("medquad", "stackexchange") and pair[3] == "real"


def write_validation(folder, builder, corpus, held, others):
    """Writes held-out pairs as a test set."""
    folder.mkdir(parents=True, exist_ok=True)
    positives = {pair[4] for pair in held}
    rest = [passage for passage in corpus if passage.id not in positives]
    rest = builder.random("validation").sample(rest, min(others, len(rest)))
    chosen = positives | {passage.id for passage in rest}
    write_lines(
        folder / "corpus.jsonl.gz",
        (dump({"_id": p.id, "text": p.full()}) for p in corpus if p.id in chosen),
    )
    queries = [(f"v{number}", pair) for number, pair in enumerate(held, 1)]
    for name, row in (
        ("queries.tsv", lambda qid, pair: f"{qid}\t{' '.join(pair[0].split())}"),
        ("qrels.tsv", lambda qid, pair: f"{qid}\t0\t{pair[4]}\t1"),
    ):
        (folder / name).write_text("".join(row(*query) + "\n" for query in queries), "utf-8")


def scaled(shares, total):
    """Splits a total by shares of a hundred."""
    return {source: total * share // 100 for source, share in shares.items()}


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
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
        ("crops", 15000, "pairs of a paragraph and the rest of its passage, for longer runs"),
        ("held-out", 500, "pairs for validation"),
        ("questions", 500, "natural questions for validation"),
        ("validation-passages", 10000, "other passages that they are searched among"),
    ):
        parser.add_argument(
            f"--{name}",
            type=int,
            default=default,
            help=f"{text} (default {default})" if default else text,
        )
    parser.add_argument(
        "--no-exclude-overlap",
        dest="exclude_overlap",
        action="store_false",
        help="keep what equals a text of a test set or shares a run of 13 words with one",
    )
    parser.add_argument(
        "--exclude-overlap",
        dest="exclude_overlap",
        action="store_true",
        default=True,
        help="leave those out (the default)",
    )
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
    shares = {
        "cloze": scaled({"wiki": 48, "openstax": 24, "medquad": 16, "msdocs": 12}, options.cloze),
        "words": scaled({"wiki": 48, "openstax": 26, "medquad": 13, "msdocs": 13}, options.words),
        "title-words": scaled({"wiki": 60, "openstax": 30, "msdocs": 10}, options.title_words),
    }
    pseudo(builder, shares)

    held = hold_out(builder, "held-out", options.held_out)
    questions = hold_out(builder, "questions", options.questions, natural)
    caps = {
        source: getattr(options, f"{source}_passages")
        for source in ("wiki", "msdocs", "openstax", "medquad", "stackexchange")
    }
    corpus = choose_corpus(builder, held + questions, caps)
    mlm = choose_mlm(builder, options.mlm_msdocs)
    crops = scaled({"wiki": 50, "openstax": 30, "medquad": 20}, options.crops)
    further = further_pairs(builder, shares | {"crop": crops}, held + questions)

    options.output.mkdir(parents=True, exist_ok=True)
    write_lines(
        options.output / "corpus.jsonl.gz", (dump({"_id": p.id, "text": p.full()}) for p in corpus)
    )
    write_lines(
        options.output / "pairs.jsonl.gz",
        (dump(pair_record(builder, pair)) for pair in builder.pairs),
    )
    write_lines(
        options.output / "further.jsonl.gz", (dump(pair_record(builder, pair)) for pair in further)
    )
    write_lines(
        options.output / "held-out.jsonl.gz", (dump(pair_record(builder, pair)) for pair in held)
    )
    write_validation(
        options.output / "validation",
        builder,
        corpus,
        held + questions,
        options.validation_passages,
    )
    write_lines(options.output / "mlm.txt.gz", mlm)

    report = {
        "seed": options.seed,
        "licenses": LICENSES,
        "corpus": {"all": len(corpus), **collections.Counter(p.source for p in corpus)},
        "pairs": {
            "all": len(builder.pairs),
            **dict(
                sorted(
                    collections.Counter(f"{pair[2]} {pair[3]}" for pair in builder.pairs).items()
                )
            ),
        },
        "further": {
            "all": len(further),
            **collections.Counter(f"{pair[2]} {pair[3]}" for pair in further),
        },
        "held_out": {
            "all": len(held),
            **collections.Counter(f"{pair[2]} {pair[3]}" for pair in held),
        },
        "questions": {
            "all": len(questions),
            **collections.Counter(f"{pair[2]} {pair[3]}" for pair in questions),
        },
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
