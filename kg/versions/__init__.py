"""Versions of a dataset: those that were published, kept; an answer's canonical form; what changed between two."""
