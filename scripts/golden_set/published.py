"""Directories as models are published in: safetensors, and PyTorch's two formats."""

import copy

import torch
from transformers import AutoTokenizer, BertForMaskedLM

from .files import save_legacy, write_json
from .models import MAX_LENGTH, bert_config, randomize, small_distilbert
from .texts import vocabulary


def write_vocabulary(folder, lower_case, tokenizer_class="BertTokenizer"):
    """vocab.txt and tokenizer_config.json, as models came before there was a tokenizer.json."""
    (folder / "vocab.txt").write_text("".join(piece + "\n" for piece in vocabulary()))
    config = {
        "do_lower_case": lower_case,
        **{f"{word}_token": f"[{word.upper()}]" for word in ("unk", "sep", "pad", "cls", "mask")},
        "tokenize_chinese_chars": True,
        "strip_accents": None,
        "model_max_length": MAX_LENGTH,
        "tokenizer_class": tokenizer_class,
    }
    write_json(folder / "tokenizer_config.json", config)


def write_tokenizer(folder, **vocabulary_options):
    """The above, and the tokenizer.json that transformers makes of it."""
    write_vocabulary(folder, **vocabulary_options)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.backend_tokenizer.save(str(folder / "tokenizer.json"))


def bert_tied(folder):
    """BERT in safetensors; the decoder is the embeddings and therefore not in the file."""
    model = randomize(BertForMaskedLM(bert_config()), seed=1)
    model.save_pretrained(folder)
    write_tokenizer(folder, lower_case=True)


def bert_untied_bin(folder):
    """Cased BERT as its first converters wrote it: gamma and beta, position ids, heads that nobody
    uses.
    """
    model = randomize(
        BertForMaskedLM(bert_config(tie_word_embeddings=False, layer_norm_eps=1e-5)), seed=2
    )
    model.config.save_pretrained(folder)
    write_vocabulary(folder, lower_case=False)
    state = model.state_dict()
    metadata = copy.deepcopy(state._metadata)
    state = {key: tensor for key, tensor in state.items() if key != "cls.predictions.decoder.bias"}
    generator = torch.Generator().manual_seed(3)
    state["bert.embeddings.position_ids"] = torch.arange(MAX_LENGTH).expand((1, -1))
    state["bert.pooler.dense.weight"] = torch.randn(32, 32, generator=generator)
    state["bert.pooler.dense.bias"] = torch.randn(32, generator=generator)
    state["cls.seq_relationship.weight"] = torch.randn(2, 32, generator=generator)
    state["cls.seq_relationship.bias"] = torch.randn(2, generator=generator)
    old_names = {"LayerNorm.weight": "LayerNorm.gamma", "LayerNorm.bias": "LayerNorm.beta"}
    renamed = type(model.state_dict())()
    for key, tensor in state.items():
        for new, old in old_names.items():
            key = key.replace(new, old)
        renamed[key] = tensor
    renamed._metadata = metadata
    torch.save(renamed, folder / "pytorch_model.bin")


def distilbert(folder):
    """DistilBERT in safetensors, the projector tied and absent."""
    model = small_distilbert(seed=4)
    model.save_pretrained(folder)
    write_tokenizer(folder, lower_case=True, tokenizer_class="DistilBertTokenizer")


def distilbert_legacy_bin(folder):
    """The same weights in the file format of PyTorch before 1.6, where the tied projector is a
    second name.
    """
    model = small_distilbert(seed=4)
    model.config.save_pretrained(folder)
    write_vocabulary(folder, lower_case=True, tokenizer_class="DistilBertTokenizer")
    save_legacy(model.state_dict(), folder / "pytorch_model.bin")
