#!/usr/bin/env python3
"""Passages as lines of text, for masked-language-model warm-up: `mlm_texts.py CORPUS.jsonl
TEXTS.txt`.
"""

import json
import sys

with (
    open(sys.argv[1], encoding="utf-8") as corpus,
    open(sys.argv[2], "w", encoding="utf-8") as texts,
):
    for record in map(json.loads, corpus):
        texts.write(" ".join(f"{record.get('title', '')} {record['text']}".split()) + "\n")
