#!/usr/bin/env python3
"""Encodes text the reference way and says how fast: transformers on PyTorch, or ONNX Runtime.

    encode_reference.py MODEL_DIR TEXTS.tsv HOW [MAX_LENGTH [BATCH_TOKENS [VECTORS.jsonl]]]

HOW is torch-fp32, torch-bf16 or onnx-int8. Texts are sorted by length and batched to BATCH_TOKENS.
PyTorch takes all logits, as the reference implementation does; ONNX Runtime's network ends with the
maximum over tokens and has its weights in 8 bits (dynamic quantization), made in a folder that goes
afterwards. Prints one JSON object: texts, seconds without loading, and how many terms a vector has.
Writes the vectors, too, where VECTORS.jsonl is given.
"""

import json
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


def onnx_encoder(directory):
    import onnxruntime
    from onnxruntime.quantization import quantize_dynamic

    model = AutoModelForMaskedLM.from_pretrained(
        directory, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    example = torch.ones(2, 9, dtype=torch.long)
    axes = {0: "texts", 1: "tokens"}
    with tempfile.TemporaryDirectory() as folder:
        whole, small = str(Path(folder, "fp32.onnx")), str(Path(folder, "int8.onnx"))
        torch.onnx.export(
            MaxFirst(model),
            (example, example),
            whole,
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["largest"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "largest": {0: "texts"}},
        )
        quantize_dynamic(whole, small)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        session = onnxruntime.InferenceSession(small, options, providers=["CPUExecutionProvider"])

    def encode(inputs):
        feed = {name: inputs[name].numpy() for name in ("input_ids", "attention_mask")}
        return torch.log1p(torch.from_numpy(session.run(["largest"], feed)[0]))

    return encode


def write_vectors(file, names, weights, tokenizer):
    for name, row in zip(names, weights.float(), strict=True):
        terms = row.nonzero().squeeze(1)
        tokens = tokenizer.convert_ids_to_tokens(terms.tolist())
        print(
            json.dumps({"id": name, "vector": dict(zip(tokens, row[terms].tolist(), strict=True))}),
            file=file,
        )


def main():
    directory, texts, how = sys.argv[1:4]
    max_length = int(sys.argv[4]) if len(sys.argv) > 4 else 256
    budget = int(sys.argv[5]) if len(sys.argv) > 5 else 2048
    vectors = open(sys.argv[6], "w", encoding="utf-8") if len(sys.argv) > 6 else None  # noqa: SIM115
    lines = Path(texts).read_text(encoding="utf-8").splitlines()
    contents = [line.split("\t", 1)[1] for line in lines]
    tokenizer = AutoTokenizer.from_pretrained(directory)
    kinds = {"torch-fp32": torch.float32, "torch-bf16": torch.bfloat16}
    encode = onnx_encoder(directory) if how == "onnx-int8" else torch_encoder(directory, kinds[how])
    start, terms = time.perf_counter(), 0
    ids = tokenizer(contents, truncation=True, max_length=max_length, padding=False)["input_ids"]
    for batch in batches([len(row) for row in ids], budget):
        inputs = tokenizer.pad({"input_ids": [ids[i] for i in batch]}, return_tensors="pt")
        weights = encode({name: inputs[name] for name in ("input_ids", "attention_mask")})
        rows, columns = torch.nonzero(weights, as_tuple=True)
        _ = weights[rows, columns].float().tolist(), columns.tolist()
        terms += len(rows)
        if vectors:
            write_vectors(vectors, [lines[i].split("\t", 1)[0] for i in batch], weights, tokenizer)
    seconds = time.perf_counter() - start
    print(
        json.dumps(
            {"how": how, "texts": len(contents), "seconds": seconds, "terms": terms / len(contents)}
        )
    )


if __name__ == "__main__":
    main()
