"""
What the surveys would have come to had all been answered: a ratio estimate, never a figure.

    estimate = total of the answers × surveys opened ÷ answers        (half up, whole units)

The same answers always give the same estimate. It takes those who did not answer for like those
who did, and is therefore made only where at least five answered, and at least half of those asked.
"""

METHOD = "ratio"
FEWEST_ANSWERS = 5


def estimate(total: int, *, answers: int, base: int) -> int | None:
    """The estimate for ``base`` surveys; None where too few answered."""
    if answers < FEWEST_ANSWERS or 2 * answers < base:
        return None
    return (2 * total * base + answers) // (2 * answers)
