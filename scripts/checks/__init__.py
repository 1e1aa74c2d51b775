"""Checks of this repository that no other tool makes; the programs are scripts/check-*."""
