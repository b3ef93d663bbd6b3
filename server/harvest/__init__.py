"""Our own metadata examined as a harvester would examine it: from outside, by what can be fetched."""
