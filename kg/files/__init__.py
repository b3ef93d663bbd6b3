"""Our RDF files: read with their lines, written for people, and what documents, passages and spans in them are."""
