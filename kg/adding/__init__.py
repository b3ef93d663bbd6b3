"""A new document: registered, cut into passages, and what its text seems to name proposed for curation."""
