#!/usr/bin/env python3
"""Weights of query tokens for a search without a network (SPLADE-doc), learned from a model's own
queries.

    spork encode --model MODEL --kind query --input QUERIES --output network.jsonl
    spork encode --model MODEL --kind query --query-tokens --input QUERIES --output tokens.jsonl
    scripts/model/query_weights.py --network network.jsonl --tokens tokens.jsonl \\
        --vocabulary MODEL/vocab.txt --output MODEL/query_weights.json
    spork search --model MODEL --query-tokens=MODEL/query_weights.json …

A token's weight is the mean of what the network gives it in the queries that have it, 0 where it
gives nothing. A token in few queries is drawn towards what tokens of its idf weigh: a line
through weight over log(queries / frequency), fitted to the frequent ones, stands in for PRIOR
queries.
"""

import argparse
import json
import math
from collections import Counter, defaultdict

PRIOR = 5
FREQUENT = 20


def vectors(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            yield record["id"], record["vector"]


def observe(network, tokens):
    """Number of queries, and for each token the queries that have it and the sum of its weights
    there.
    """
    seen, sums, queries = Counter(), defaultdict(float), 0
    for (qid, weights), (other, text) in zip(vectors(network), vectors(tokens), strict=True):
        if qid != other:
            raise SystemExit(
                f"query {qid} in {network} where {tokens} has {other}; encode the same file twice"
            )
        queries += 1
        for token in text:
            seen[token] += 1
            sums[token] += weights.get(token, 0.0)
    return queries, seen, sums


def line_over_idf(queries, seen, sums):
    """Least squares through the frequent tokens: (intercept, slope) of weight over log((queries +
    1) / (seen + 0.5)).
    """
    points = [
        (idf(queries, seen[token]), sums[token] / seen[token])
        for token in seen
        if seen[token] >= FREQUENT
    ]
    if len(points) < 2:
        raise SystemExit(
            f"only {len(points)} tokens stand in {FREQUENT} queries or more; give more queries"
        )
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum(
        (x - mean_x) ** 2 for x, _ in points
    )
    return mean_y - slope * mean_x, slope


def idf(queries, seen):
    return math.log((queries + 1) / (seen + 0.5))


def weights(queries, seen, sums, vocabulary):
    intercept, slope = line_over_idf(queries, seen, sums)
    for token in vocabulary:
        expected = max(0.0, intercept + slope * idf(queries, seen[token]))
        weight = (sums.get(token, 0.0) + PRIOR * expected) / (seen[token] + PRIOR)
        if weight >= 0.001:
            yield token, round(weight, 3)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("network", "tokens", "vocabulary", "output"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    with open(args.vocabulary, encoding="utf-8") as file:
        vocabulary = [line.rstrip("\n") for line in file]
    special = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"}
    vocabulary = [
        token for token in vocabulary if token not in special and not token.startswith("[unused")
    ]
    table = dict(weights(*observe(args.network, args.tokens), vocabulary))
    with open(args.output, "w", encoding="utf-8") as file:
        json.dump(table, file, ensure_ascii=False, indent=0, separators=(",", ":"))
        file.write("\n")
    print(f"{args.output}: {len(table)} tokens")


if __name__ == "__main__":
    main()
