#!/usr/bin/env python3
"""Encodes text the reference way and says how fast: transformers on PyTorch, ONNX Runtime, or
fastembed.

    encode_reference.py MODEL_DIR TEXTS.tsv HOW [MAX_LENGTH [BATCH_TOKENS [VECTORS.jsonl]]]

HOW is torch-fp32, torch-bf16, onnx-int8 or fastembed. Texts are sorted by length and batched to
BATCH_TOKENS. PyTorch takes all logits, as the reference implementation does; ONNX Runtime's network
ends with the maximum over tokens and has its weights in 8 bits (dynamic quantization). fastembed
runs a network that ends with the logits on ONNX Runtime, and takes a number of texts in place of
BATCH_TOKENS: as many of the longest as these hold. Networks are made in a folder that goes
afterwards. Prints one JSON object: texts, seconds without loading, and how many terms a vector has.
Writes the vectors, too, where VECTORS.jsonl is given.
"""

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer


def batches(lengths, budget):
    """Positions grouped by length, longest first, at most `budget` tokens with padding."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    batch = []
    for i in order:
        if batch and lengths[batch[0]] * (len(batch) + 1) > budget:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def torch_encoder(directory, kind):
    model = AutoModelForMaskedLM.from_pretrained(
        directory, dtype=kind, attn_implementation="sdpa"
    ).eval()

    def encode(inputs):
        with torch.no_grad():
            logits = model(**inputs).logits
            weights = torch.log1p(torch.relu(logits)) * inputs["attention_mask"].unsqueeze(-1)
            return weights.amax(dim=1)

    return encode


class MaxFirst(torch.nn.Module):
    """The network up to the largest logit of each term, zero at least."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        logits = self.model(input_ids=input_ids, attention_mask=attention_mask).logits
        return torch.relu(logits * attention_mask.unsqueeze(-1)).amax(dim=1)


class Logits(torch.nn.Module):
    """The whole network."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def export(network, directory, path, output_axes):
    """Writes a model as ONNX, in 32 bits."""
    model = AutoModelForMaskedLM.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    example = torch.ones(2, 9, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    torch.onnx.export(
        network(model),
        (example, example),
        str(path),
        dynamo=False,
        opset_version=17,
        input_names=["input_ids", "attention_mask"],
        output_names=["output"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "output": output_axes},
    )


def onnx_encoder(directory):
    import onnxruntime
    from onnxruntime.quantization import quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder, "fp32.onnx"), Path(folder, "int8.onnx")
        export(MaxFirst, directory, whole, {0: "texts"})
        quantize_dynamic(str(whole), str(small))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(
            str(small), options, providers=["CPUExecutionProvider"]
        )

    def encode(inputs):
        feed = {name: inputs[name].numpy() for name in ("input_ids", "attention_mask")}
        return torch.log1p(torch.from_numpy(session.run(["output"], feed)[0]))

    return encode


def fastembed_model(directory, max_length):
    """fastembed's SPLADE with this model in place of the one that it would download."""
    from fastembed import SparseTextEmbedding

    with tempfile.TemporaryDirectory() as folder:
        export(Logits, directory, Path(folder, "model.onnx"), {0: "texts", 1: "tokens"})
        for name in ("config.json", "tokenizer.json", "special_tokens_map.json"):
            shutil.copy(Path(directory, name), folder)
        settings = json.loads(Path(directory, "tokenizer_config.json").read_text())
        settings["model_max_length"] = settings["max_length"] = max_length
        Path(folder, "tokenizer_config.json").write_text(json.dumps(settings))
        return SparseTextEmbedding(
            "prithivida/Splade_PP_en_v1",
            specific_model_path=folder,
            threads=torch.get_num_threads(),
        )


def network_rows(encode, tokenizer, contents, max_length, budget):
    """Each text's position, terms and weights."""
    ids = tokenizer(contents, truncation=True, max_length=max_length, padding=False)["input_ids"]
    for batch in batches([len(row) for row in ids], budget):
        inputs = tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
        weights = encode({name: inputs[name] for name in ("input_ids", "attention_mask")})
        rows, columns = torch.nonzero(weights, as_tuple=True)
        values = weights[rows, columns].float().tolist()
        terms, counts = columns.tolist(), torch.bincount(rows, minlength=len(batch)).tolist()
        end = 0
        for position, count in zip(batch, counts, strict=True):
            start, end = end, end + count
            yield position, terms[start:end], values[start:end]


def fastembed_rows(model, contents, texts):
    """Each text's position, terms and weights."""
    order = sorted(range(len(contents)), key=lambda i: -len(contents[i]))
    vectors = model.embed([contents[i] for i in order], batch_size=texts)
    for position, vector in zip(order, vectors, strict=True):
        yield position, vector.indices.tolist(), vector.values.tolist()


def main():
    directory, texts, how = sys.argv[1:4]
    max_length = int(sys.argv[4]) if len(sys.argv) > 4 else 256
    budget = int(sys.argv[5]) if len(sys.argv) > 5 else 2048
    vectors = open(sys.argv[6], "w", encoding="utf-8") if len(sys.argv) > 6 else None  # noqa: SIM115
    lines = Path(texts).read_text(encoding="utf-8").splitlines()
    contents = [line.split("\t", 1)[1] for line in lines]
    tokenizer = AutoTokenizer.from_pretrained(directory)
    kinds = {"torch-fp32": torch.float32, "torch-bf16": torch.bfloat16}
    # Neither generator begins before its first row is asked for.
    if how == "fastembed":
        model = fastembed_model(directory, max_length)
        rows = fastembed_rows(model, contents, max(budget // max_length, 1))
    else:
        encode = (
            onnx_encoder(directory) if how == "onnx-int8" else torch_encoder(directory, kinds[how])
        )
        rows = network_rows(encode, tokenizer, contents, max_length, budget)
    start, count = time.perf_counter(), 0
    for position, terms, weights in rows:
        count += len(terms)
        if vectors:
            tokens = tokenizer.convert_ids_to_tokens(terms)
            vector = dict(zip(tokens, weights, strict=True))
            name = lines[position].split("\t", 1)[0]
            print(json.dumps({"id": name, "vector": vector}), file=vectors)
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {"how": how, "texts": len(contents), "seconds": seconds, "terms": count / len(contents)}
        )
    )


if __name__ == "__main__":
    main()
