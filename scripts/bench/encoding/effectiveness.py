"""nDCG@10 in bf16 beside fp32, documents and queries both, with p by a randomization test."""

import json

from judged import JUDGED, judged

from .program import encode, run


def effectiveness(bench):
    """A row a collection."""
    return {name: collection(bench, name, judged(bench.data, name)) for name in JUDGED}


def collection(bench, name, files):
    runs = {mode.precision: ranking(bench, name, files, mode) for mode in bench.rust}
    result = bench.folder / f"{name}.eval.json"
    command = [bench.spork, "--quiet", "eval", "--complete", "--metrics", "nDCG@10"]
    command += ["--qrels", files.qrels, "--run", runs["fp32"], runs["bf16"], "--json", result]
    run(command)
    fp32, bf16 = json.loads(result.read_text())["runs"]
    return {
        "fp32": fp32["all"]["nDCG@10"],
        "bf16": bf16["all"]["nDCG@10"],
        "p": bf16["comparisons"]["nDCG@10"]["p_randomization"],
    }


def ranking(bench, name, files, mode):
    """The run of a mode."""
    stem = f"{name}-{mode.precision}"
    documents, queries, index, place = (
        bench.folder / f"{stem}{end}" for end in (".svec", ".jsonl", ".index", ".trec")
    )
    encode(mode, bench.model, files.corpus, documents)
    encode(mode, bench.model, files.topics, queries, more=["--kind", "query"])
    power = json.loads((bench.model / "spork.json").read_text())["query_idf"]
    run([bench.spork, "--quiet", "index", "--input", documents, "--output", index])
    command = [bench.spork, "--quiet", "search", "--index", index, "--vectors", queries]
    run([*command, "--query-idf", power, "--k", 100, "--output", place])
    return place
