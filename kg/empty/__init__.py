"""Why an answer is empty: which pattern matched nothing, and what is near that would have."""
