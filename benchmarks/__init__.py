"""Benchmarks: one file a question. They inform; they never fail."""
