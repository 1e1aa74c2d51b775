"""``python -m spork_search.ray``: a collection to shards on Ray, and searches in them."""

from __future__ import annotations

import argparse
import logging
import sys
import time

from .. import read_topics
from .._errors import SporkError
from . import run
from ._run import MEMORY
from ._serve import serve
from ._start import LOOPBACK, stop


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m spork_search.ray", description=__doc__)
    parser.add_argument("--corpus", required=True, help="corpus.jsonl, or docno<TAB>text")
    parser.add_argument("--output", required=True, help="a folder that every node sees")
    parser.add_argument("--shards", type=int, required=True, help="indexes to make")
    parser.add_argument("--parts", type=int, help="tasks that encode; by default one a shard")
    parser.add_argument(
        "--model", default="default", help="a folder, a Hub id, default, or none for BM25 alone"
    )
    parser.add_argument("--no-bm25", action="store_true", help="vectors alone")
    parser.add_argument("--precision", choices=["fp32", "bf16"])
    parser.add_argument("--allow-mismatch", action="store_true", help="of backends or precisions")
    parser.add_argument("--columns", help="columns to store, as for spork index")
    parser.add_argument("--store-text", action="store_true", help="store texts")
    parser.add_argument("--cpus", type=float, default=1, help="processors a task takes")
    parser.add_argument("--gpus", type=float, default=0, help="GPUs that a task of encoding takes")
    parser.add_argument("--replicas", type=int, default=1, help="processes a shard")
    parser.add_argument("--address", help="of a Ray cluster; by default one is started here")
    parser.add_argument("--topics", help="queries to answer: qid<TAB>text, or queries.jsonl")
    parser.add_argument("--run", help="the TREC run of the topics; by default standard output")
    parser.add_argument("-k", type=int, default=1000, help="documents a query")
    parser.add_argument("--serve", type=int, metavar="PORT", help="answer POST /v1/search there")
    parser.add_argument("--host", help="where --serve listens; on loopback unless given")
    parser.add_argument("--memory", default=MEMORY, help="of a task that indexes, such as 28G")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its status."""
    parser = _parser()
    args = parser.parse_args(arguments)
    if args.run is not None and args.topics is None:
        parser.error("--run needs --topics")
    if args.host is not None and args.serve is None:
        parser.error("--host needs --serve")
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        _run(args)
    except SporkError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        stop()
    return 0


def _run(args: argparse.Namespace) -> None:
    index = run(
        args.corpus,
        args.output,
        shards=args.shards,
        parts=args.parts,
        model=None if args.model == "none" else args.model,
        bm25=not args.no_bm25,
        cpus=args.cpus,
        gpus=args.gpus,
        replicas=args.replicas,
        memory=args.memory,
        address=args.address,
        precision=args.precision,
        allow_mismatch=args.allow_mismatch,
        columns=args.columns,
        store_text=args.store_text,
    )
    print(repr(index), file=sys.stderr)
    if args.topics is not None:
        answers = index.search_batch(dict(read_topics(args.topics)), args.k)
        text = answers.to_trec(args.run)
        if text is not None:
            sys.stdout.write(text)
    if args.serve is not None:
        index.close()
        serve(args.output, host=args.host or LOOPBACK, port=args.serve, replicas=args.replicas)
        print(f"http://{args.host or LOOPBACK}:{args.serve}/v1/search", file=sys.stderr)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
