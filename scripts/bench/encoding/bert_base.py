"""A network of BERT-base's shape with random weights: the rate of the transformer alone.

Its vocabulary is small, so that the decoder is a hundredth of the work.
"""

import json
import random
import struct
from array import array

from .program import encode, milliseconds_each, spread

WIDTH, LAYERS, HEADS, INNER, POSITIONS, WORDS = 768, 12, 12, 3072, 512, 250
TOKENS = 110
FEW, MANY = 40, 240
SEED = 7


def tensors():
    """Yields the name, shape and kind of each tensor."""
    yield "bert.embeddings.word_embeddings.weight", (WORDS + 6, WIDTH), "random"
    yield "bert.embeddings.position_embeddings.weight", (POSITIONS, WIDTH), "random"
    yield "bert.embeddings.token_type_embeddings.weight", (2, WIDTH), "random"
    yield from norm("bert.embeddings.LayerNorm")
    for layer in (f"bert.encoder.layer.{i}" for i in range(LAYERS)):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            yield from dense(f"{layer}.attention.{part}", WIDTH, WIDTH)
        yield from norm(f"{layer}.attention.output.LayerNorm")
        yield from dense(f"{layer}.intermediate.dense", INNER, WIDTH)
        yield from dense(f"{layer}.output.dense", WIDTH, INNER)
        yield from norm(f"{layer}.output.LayerNorm")
    yield from dense("cls.predictions.transform.dense", WIDTH, WIDTH)
    yield from norm("cls.predictions.transform.LayerNorm")
    yield "cls.predictions.bias", (WORDS + 6,), "zeros"


def dense(name, rows, columns):
    yield f"{name}.weight", (rows, columns), "random"
    yield f"{name}.bias", (rows,), "zeros"


def norm(name):
    yield f"{name}.weight", (WIDTH,), "ones"
    yield f"{name}.bias", (WIDTH,), "zeros"


def size(shape):
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def write_weights(path):
    """model.safetensors in float32. Tensors are pieces of one list of random numbers."""
    numbers = random.Random(SEED)
    pool = array("f", (numbers.gauss(0.0, 0.02) for _ in range(1 << 20))) * 4
    header, at = {}, 0
    for name, shape, _ in tensors():
        end = at + 4 * size(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, shape, kind in tensors():
            if kind == "random":
                begin = numbers.randrange(1 << 20)
                file.write(pool[begin : begin + size(shape)].tobytes())
            else:
                file.write(array("f", [float(kind == "ones")] * size(shape)).tobytes())


def write_model(folder):
    """The folder of the model; the words of its vocabulary."""
    folder.mkdir(parents=True, exist_ok=True)
    words = [f"w{i}" for i in range(WORDS)]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "."]
    config = {
        "model_type": "bert",
        "vocab_size": len(special) + len(words),
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "max_position_embeddings": POSITIONS,
        "hidden_act": "gelu",
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    (folder / "vocab.txt").write_text("\n".join([*special, *words]) + "\n")
    write_weights(folder / "model.safetensors")
    return words


def bert_base(bench):
    """Milliseconds a text of 110 tokens, without the program's start."""
    model = bench.folder / "bert-base-shape"
    words = write_model(model)
    numbers = random.Random(SEED)
    texts = [" ".join(numbers.choices(words, k=TOKENS - 2)) for _ in range(MANY)]
    times = {mode.name: [] for mode in bench.modes}
    for _ in range(bench.rounds):
        for mode in bench.modes:

            def all_of(file, mode=mode):
                output = bench.folder / "shape.svec"
                return encode(mode, model, file, output, more=["--pooling", "max"])

            times[mode.name].append(milliseconds_each(all_of, texts[:FEW], texts, bench.folder))
    (model / "model.safetensors").unlink()
    return {name: spread(some) for name, some in times.items()}
