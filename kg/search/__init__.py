"""Search over names, aliases and descriptions in every script: reading them, the index, asking it, saying why."""
