"""What PyTorch, transformers and sentence-transformers say about a model and a text."""

import json

import numpy as np
import torch
import transformers
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertForMaskedLM

from .models import MAX_LENGTH
from .texts import vocabulary

SHORT_LENGTH = 16
POOLINGS = ("max", "sum")


def sparse(weights):
    """Term id -> weight, each with the fewest digits that read back as the same float32."""
    weights = weights.to(torch.float32).numpy()
    return {str(term): float(str(weights[term])) for term in np.flatnonzero(weights > 0)}


def lengths(full_length):
    """The short length is a case of its own only where it cuts something off."""
    return [MAX_LENGTH, SHORT_LENGTH] if full_length > SHORT_LENGTH else [MAX_LENGTH]


def load_masked_lm(folder):
    """The model as its file means it: before transformers 5, BERT's decoder never had a bias of its
    own.
    """
    model = AutoModelForMaskedLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    if isinstance(model, BertForMaskedLM):
        model.cls.predictions.decoder.bias = model.cls.predictions.bias
    return model


def reference_cases(folder, all_texts, poolings=POOLINGS):
    """Plain transformers: the formula at the top of scripts/golden.py."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = load_masked_lm(folder)
    for index, text in enumerate(all_texts):
        for length in lengths(len(tokenizer(text)["input_ids"])):
            inputs = tokenizer(text, truncation=True, max_length=length, return_tensors="pt")
            with torch.no_grad():
                weights = model(**inputs).logits[0].relu().log1p()
            ids = inputs["input_ids"][0].tolist()
            pooled = {"max": weights.amax(0), "sum": weights.sum(0)}
            for pooling in poolings:
                yield case(index, "document", length, pooling, ids, pooled[pooling])


def sentence_transformers_cases(folder, all_texts, kinds, pooling):
    """sentence-transformers' own words on a directory."""
    from sentence_transformers import SparseEncoder

    model = SparseEncoder(str(folder), device="cpu", local_files_only=True)
    for kind in kinds:
        encode = getattr(model, "encode_" + kind)
        tokenizer = module_for(model, kind).tokenizer
        special = not is_static(model, kind)
        for index, text in enumerate(all_texts):
            for length in lengths(len(tokenizer(text, add_special_tokens=special)["input_ids"])):
                tokenizer.model_max_length = length
                module_for(model, kind).max_seq_length = length
                ids = tokenizer(
                    text, truncation=True, max_length=length, add_special_tokens=special
                )["input_ids"]
                # The table has no answer to a text without tokens (an empty tensor is no index): no
                # term, then.
                empty = torch.zeros(len(vocabulary()))
                weights = encode([text], convert_to_sparse_tensor=False)[0] if ids else empty
                yield case(
                    index, kind, length, None if is_static(model, kind) else pooling, ids, weights
                )


def module_for(model, kind):
    first = model[0]
    return first.sub_modules[kind][0] if hasattr(first, "sub_modules") else first


def is_static(model, kind):
    return type(module_for(model, kind)).__name__ == "SparseStaticEmbedding"


def case(index, kind, length, pooling, ids, weights):
    names = ("text_index", "kind", "max_length", "pooling", "ids", "vector")
    return dict(zip(names, (index, kind, length, pooling, ids, sparse(weights))))


def write_cases(path, model, cases):
    """One case a line, so that a difference shows where it is."""
    import sentence_transformers

    versions = {
        "torch": torch.__version__.split("+")[0],
        "transformers": transformers.__version__,
        "sentence_transformers": sentence_transformers.__version__,
    }
    cases = list(cases)
    head = json.dumps({"model": model, **versions})[:-1]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path.write_text(f'{head}, "cases": [\n{lines}\n]}}\n')
    report(model, cases)


def report(model, cases):
    """What a person should look at before a commit: zeros and the range of weights."""
    vectors = [list(case["vector"].values()) for case in cases if case["pooling"] != "sum"] or [
        list(case["vector"].values()) for case in cases
    ]
    weights = [weight for vector in vectors for weight in vector]
    terms = sum(map(len, vectors)) / len(vectors)
    extent = f"weights {min(weights):.2g} to {max(weights):.2f}"
    print(f"{model}: {len(cases)} cases, {terms:.0f} terms a vector, {extent}")
