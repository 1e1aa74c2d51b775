"""The parts of scripts/golden.py: texts, models, and what PyTorch says about them."""
