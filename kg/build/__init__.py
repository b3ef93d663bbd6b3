"""From files to a checked, inferred, versioned dataset and its dumps."""
