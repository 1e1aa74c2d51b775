"""Small models with random weights."""

import torch
from transformers import BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM

from .texts import vocabulary

MAX_LENGTH = 128


def randomize(model, seed, embedding_std=0.15, bias_mean=-1.0):
    """Weights wide enough that each of them matters and that a fair share of the vocabulary stays
    at zero.
    """
    generator = torch.Generator().manual_seed(seed)

    def normal(parameter, mean, std):
        parameter.copy_(torch.empty(parameter.shape).normal_(mean, std, generator=generator))

    with torch.no_grad():
        for name, parameter in sorted(model.named_parameters()):
            if "LayerNorm" in name or "layer_norm" in name:
                normal(parameter, 1.0 if name.endswith("weight") else 0.0, 0.2)
            elif name.endswith(("predictions.bias", "decoder.bias", "vocab_projector.bias")):
                normal(parameter, bias_mean, 0.4)
            elif "embeddings" in name or "decoder" in name or "vocab_projector" in name:
                normal(parameter, 0.0, embedding_std)
            else:
                normal(parameter, 0.0, 0.3)
    return model.eval()


def bert_config(**changes):
    settings = dict(
        vocab_size=len(vocabulary()),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=MAX_LENGTH,
        attn_implementation="eager",
    )
    return BertConfig(**(settings | changes))


def small_bert(seed, **changes):
    config = bert_config(hidden_size=16, num_hidden_layers=1, intermediate_size=32, **changes)
    return randomize(BertForMaskedLM(config), seed)


def small_distilbert(seed):
    config = DistilBertConfig(
        vocab_size=len(vocabulary()),
        dim=32,
        n_layers=2,
        n_heads=4,
        hidden_dim=64,
        max_position_embeddings=MAX_LENGTH,
        attn_implementation="eager",
    )
    return randomize(DistilBertForMaskedLM(config), seed)
