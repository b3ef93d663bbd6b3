"""The parts of a thing's page: its facts in sections, when each held, its neighbours and place, what to ask of it."""
