"""Queries with passages that answer them, out of several sources: training pairs."""
