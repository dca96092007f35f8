"""Measurements beside peers, on one server, in one run. Not tests: nothing here fails on time."""
