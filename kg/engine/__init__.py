"""SPARQL as the engine takes it: what may be asked, asking it, writing the answer."""
