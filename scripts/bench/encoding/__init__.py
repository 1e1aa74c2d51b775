"""What scripts/bench/encode measures, a module a part."""
