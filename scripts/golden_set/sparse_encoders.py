"""Directories as sentence-transformers publishes models in."""

import json

import torch
from transformers import AutoTokenizer

from .files import write_json
from .models import MAX_LENGTH, small_bert
from .published import write_tokenizer
from .texts import vocabulary


def transformer_module(model, scratch, **options):
    """A sentence-transformers module around `model`."""
    from sentence_transformers.base.modules import Transformer

    model.save_pretrained(scratch)
    write_tokenizer(scratch, lower_case=True)
    return Transformer(str(scratch), transformer_task="fill-mask", **options)


def save_sparse_encoder(modules, folder):
    from sentence_transformers import SparseEncoder

    SparseEncoder(modules=modules, device="cpu").save_pretrained(
        str(folder), create_model_card=False
    )


def as_version_5(folder):
    """Turns a directory of sentence-transformers 6 into the shape that version 5 wrote, which the
    Hub is full of.
    """
    modules = json.loads((folder / "modules.json").read_text())
    names = {"Transformer": "MLMTransformer"}
    for module in modules:
        name = module["type"].rsplit(".", 1)[1]
        module["type"] = "sentence_transformers.sparse_encoder.models." + names.get(name, name)
    write_json(folder / "modules.json", modules)
    write_json(
        folder / "sentence_bert_config.json",
        {"max_seq_length": MAX_LENGTH, "do_lower_case": False},
        indent=4,
    )
    pooling = folder / "1_SpladePooling" / "config.json"
    config = json.loads(pooling.read_text())
    config.pop("embedding_dimension")
    write_json(pooling, config | {"word_embedding_dimension": len(vocabulary())}, indent=4)


def st_splade(folder):
    """Version 5 shape, max, and OpenSearch's double logarithm."""
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    model = small_bert(seed=5)
    pooling = SpladePooling(pooling_strategy="max", activation_function="log1p_relu")
    save_sparse_encoder([transformer_module(model, folder / "scratch"), pooling], folder)
    as_version_5(folder)


def st_splade_sum(folder):
    """Version 6 shape, sum, and the ordinary activation."""
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    model = small_bert(seed=6)
    pooling = SpladePooling(pooling_strategy="sum", activation_function="relu")
    save_sparse_encoder([transformer_module(model, folder / "scratch"), pooling], folder)


def st_inference_free(folder):
    """Documents through the network, queries through a table; a pooling config without an
    activation.
    """
    from sentence_transformers.base.modules import Router
    from sentence_transformers.sparse_encoder.modules import SparseStaticEmbedding, SpladePooling

    document = transformer_module(small_bert(seed=7), folder / "scratch")
    generator = torch.Generator().manual_seed(8)
    idf = torch.rand(len(vocabulary()), generator=generator) * 8
    idf[0] = 0
    query = SparseStaticEmbedding(
        AutoTokenizer.from_pretrained(folder / "scratch"), weight=idf, frozen=True
    )
    router = Router.for_query_document(
        query_modules=[query], document_modules=[document, SpladePooling(pooling_strategy="max")]
    )
    save_sparse_encoder([router], folder)
    [pooling] = folder.glob("document_1_*/config.json")
    config = json.loads(pooling.read_text())
    config.pop("activation_function")
    write_json(pooling, config, indent=4)
