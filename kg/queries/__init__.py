"""Canned queries: header, parameters, answers in the terminal."""
