"""Pages to read in: documents passage by passage, topics, the terms of the ontology, and reports of errors."""
