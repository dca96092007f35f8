"""
What Jalon is measured beside, each used as its documentation says.

A store in Python is a module with ``prepare(url)``, which makes its tables in an empty database,
and ``connect(url, writers)``, which gives one ``Append`` to each of so many threads.
"""

from collections.abc import Callable

Append = Callable[[int, bool], None]
"""Append so many events to a new stream in one transaction; ``True``: and undo it."""

DATA = '{"effective_on": "2023-04-01", "amount": {"cents": 100, "currency": "CAD"}}'
"""What is in every event. Ours says in addition who did it and why, and names its jar."""
