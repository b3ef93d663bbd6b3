"""Generated graphs: of any size, from a seed and from the patterns of `ontology/synthetic.trig`."""
