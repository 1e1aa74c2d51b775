#!/usr/bin/env python3
"""Writes crates/model/tests/golden/tokenizers.json: what transformers makes of the folder of a
tokenizer in the shapes that were published over the years.

    python3 -m venv .venv && .venv/bin/pip install transformers==5.23.0 tokenizers==0.23.3
    .venv/bin/python scripts/golden_tokenizers.py

A case is a golden model of which files are removed, keys are set or removed, or files are written;
and the ids of TEXT by AutoTokenizer, special tokens included. A developer runs it when a case is
added and commits the result, CI never does.
"""

import copy
import json
import shutil
import tempfile
from pathlib import Path

import tokenizers
import transformers

GOLDEN = Path(__file__).parent.parent / "crates/model/tests/golden"
FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt")
TEXT = "The Quick BROWN café 中国文学 [MASK] newtok, §!  fox"
NEWTOK = {
    "content": "newtok",
    "lstrip": False,
    "normalized": True,
    "rstrip": False,
    "single_word": False,
    "special": False,
}
CONFIG, WHOLE, VOCABULARY = "tokenizer_config.json", "tokenizer.json", "vocab.txt"
CASED = {WHOLE: {"/normalizer/lowercase": False}}
FLAGS = ["/do_lower_case", "/strip_accents", "/tokenize_chinese_chars"]


def case(name, base="bert-tied", absent=(), set=None, unset=None, write=None):
    return {
        "name": name,
        "base": base,
        "absent": list(absent),
        "set": set or {},
        "unset": unset or {},
        "write": write or {},
    }


def of_class(name, **further):
    return case(f"class {name}", set={**CASED, CONFIG: {"/tokenizer_class": name}}, **further)


CASES = [
    case("as saved"),
    case("DistilBERT as saved", base="distilbert"),
    case("vocab.txt as saved, cased", base="bert-untied-bin"),
    case("no keys, tokenizer.json cased", set=CASED, unset={CONFIG: FLAGS}),
    case(
        "no keys, tokenizer.json keeps accents",
        set={WHOLE: {"/normalizer/strip_accents": False}},
        unset={CONFIG: FLAGS},
    ),
    case(
        "no keys, tokenizer.json keeps Chinese together",
        set={WHOLE: {"/normalizer/handle_chinese_chars": False}},
        unset={CONFIG: FLAGS},
    ),
    case("no tokenizer_config.json, tokenizer.json cased", set=CASED, absent=[CONFIG]),
    case("the same of DistilBERT", base="distilbert", set=CASED, absent=[CONFIG]),
    case(
        "no class and no model type, tokenizer.json cased",
        set=CASED,
        absent=[CONFIG],
        unset={"config.json": ["/model_type"]},
    ),
    case("vocab.txt alone", absent=[CONFIG, WHOLE]),
    case("cased by its keys", set={CONFIG: {"/do_lower_case": False}}),
    case("accents kept by its keys", set={CONFIG: {"/strip_accents": False}}),
    case("Chinese together by its keys", set={CONFIG: {"/tokenize_chinese_chars": False}}),
    of_class("PreTrainedTokenizerFast"),
    of_class("TokenizersBackend"),
    of_class("BertTokenizerFast", unset={CONFIG: FLAGS}),
    of_class("ElectraTokenizerFast", unset={CONFIG: FLAGS}),
    of_class("MobileBertTokenizer", unset={CONFIG: FLAGS}),
    of_class("ConvBertTokenizer", unset={CONFIG: FLAGS}),
    of_class("SqueezeBertTokenizer", unset={CONFIG: FLAGS}),
    of_class("LayoutLMTokenizer", unset={CONFIG: FLAGS}),
    of_class("DPRQuestionEncoderTokenizer", unset={CONFIG: FLAGS}),
    of_class("KoBertTokenizer", unset={CONFIG: FLAGS}),
    case(
        "auto_map beside a known class",
        set={CONFIG: {"/auto_map": {"AutoTokenizer": ["a.B", None]}}},
    ),
    case("added_tokens.json", write={"added_tokens.json": {"newtok": 589}}),
    case(
        "added_tokens.json and vocab.txt",
        absent=[WHOLE],
        write={"added_tokens.json": {"newtok": 589}},
    ),
    case(
        "added_tokens.json and vocab.txt alone",
        absent=[WHOLE, CONFIG],
        write={"added_tokens.json": {"newtok": 589}},
    ),
    case(
        "added_tokens.json of a stored tokenizer",
        set={CONFIG: {"/tokenizer_class": "PreTrainedTokenizerFast"}},
        write={"added_tokens.json": {"newtok": 589}},
    ),
    case("added_tokens_decoder", set={CONFIG: {"/added_tokens_decoder": {"589": NEWTOK}}}),
    case(
        "added_tokens_decoder and vocab.txt",
        absent=[WHOLE],
        set={CONFIG: {"/added_tokens_decoder": {"589": NEWTOK}}},
    ),
    case(
        "an added token inside words",
        set={CONFIG: {"/added_tokens_decoder": {"20": {**NEWTOK, "content": "row"}}}},
    ),
    case("additional_special_tokens", set={CONFIG: {"/additional_special_tokens": ["newtok"]}}),
    case("extra_special_tokens", set={CONFIG: {"/extra_special_tokens": ["newtok"]}}),
    case(
        "special_tokens_map.json counts over tokenizer_config.json",
        write={
            "special_tokens_map.json": {
                "cls_token": "[SEP]",
                "additional_special_tokens": ["newtok"],
            }
        },
    ),
    case(
        "special_tokens_map.json with properties",
        absent=[WHOLE],
        write={
            "special_tokens_map.json": {
                "mask_token": {**NEWTOK, "content": "[MASK]", "normalized": False}
            }
        },
    ),
    case(
        "special_tokens_map.json beside added_tokens_decoder does not count",
        set={CONFIG: {"/added_tokens_decoder": {"589": NEWTOK}}},
        write={"special_tokens_map.json": {"cls_token": "[SEP]"}},
    ),
    case("another first token", set={CONFIG: {"/cls_token": "[MASK]"}}),
    case("another unknown token", set={CONFIG: {"/unk_token": "[MASK]"}}),
    case("a mask token that is no word", set={CONFIG: {"/mask_token": "<mask>"}}),
    case("special tokens are text", set={CONFIG: {"/split_special_tokens": True}}),
    case(
        "settings of the slow tokenizer",
        set={CONFIG: {"/do_basic_tokenize": False, "/never_split": ["BROWN"]}},
    ),
    case("no post-processor", set={WHOLE: {"/post_processor": None}}),
    case("no added tokens", set={WHOLE: {"/added_tokens": []}}),
    case("no normalizer", set={WHOLE: {"/normalizer": None}}),
    case("another normalizer", set={WHOLE: {"/normalizer": {"type": "NFC"}}}),
    case("text is not cleaned", set={WHOLE: {"/normalizer/clean_text": False}}),
    case(
        "another way to split words", set={WHOLE: {"/pre_tokenizer": {"type": "WhitespaceSplit"}}}
    ),
    case("shorter words", set={WHOLE: {"/model/max_input_chars_per_word": 3}}),
    case("an endless model_max_length", set={CONFIG: {"/model_max_length": 10**30}}),
    case(
        "max_len, as it was called",
        set={CONFIG: {"/max_len": 64}},
        unset={CONFIG: ["/model_max_length"]},
    ),
]


def edit(folder, change):
    for name in change["absent"]:
        (folder / name).unlink(missing_ok=True)
    for name in {*change["set"], *change["unset"]}:
        path = folder / name
        content = json.loads(path.read_text())
        for pointer, value in change["set"].get(name, {}).items():
            *parents, key = pointer.split("/")[1:]
            place = content
            for parent in parents:
                place = place[parent]
            place[key] = copy.deepcopy(value)
        for pointer in change["unset"].get(name, []):
            content.pop(pointer[1:], None)
        path.write_text(json.dumps(content))
    for name, content in change["write"].items():
        (folder / name).write_text(json.dumps(content))


def reference(change):
    with tempfile.TemporaryDirectory() as folder:
        for name in FILES:
            if (GOLDEN / change["base"] / name).exists():
                shutil.copy(GOLDEN / change["base"] / name, folder)
        edit(Path(folder), change)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        longest = tokenizer.model_max_length
        return {
            **{key: value for key, value in change.items() if value},
            "max_length": longest if longest < 10**9 else None,
            "ids": tokenizer(TEXT)["input_ids"],
        }


def main():
    lines = [json.dumps(reference(change), ensure_ascii=False) for change in CASES]
    head = {
        "text": TEXT,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
    }
    head = json.dumps(head, ensure_ascii=False)[1:-1]
    body = ",\n".join(lines)
    (GOLDEN / "tokenizers.json").write_text(f'{{{head}, "cases": [\n{body}\n]}}\n')


if __name__ == "__main__":
    main()
