#!/usr/bin/env python3
"""Sets how many tokens of a text are encoded: `max_length.py sentence_bert_config.json LENGTH`."""

import json
import sys
from pathlib import Path

path = Path(sys.argv[1])
config = json.loads(path.read_text(encoding="utf-8"))
config["max_seq_length"] = int(sys.argv[2])
path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", encoding="utf-8")
