"""The dataset in another SPARQL store: loading it there, and asking that store in the engine's place."""
