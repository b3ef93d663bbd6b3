"""From a row of an answer to the triples that it rests on and the passages that state them."""
