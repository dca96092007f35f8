"""Questions for tests."""

from datetime import date

from services.impact.domain.question import Bilingual, Question
from services.impact.domain.visibility import Condition

DAY = date(2025, 7, 2)


def yes_no(index: int, *, required: bool = False, shown_when: Condition | None = None) -> Question:
    """A question whose code is Y and its index."""
    return Question(
        code=f"Y{index}",
        kind="yes-no",
        titles=Bilingual(en="Is it?", fr="Est-ce le cas ?"),
        required=required,
        shown_when=shown_when,
    )


def number(index: int, *, required: bool = False, shown_when: Condition | None = None) -> Question:
    """A question whose code is N and its index."""
    return Question(
        code=f"N{index}",
        kind="number",
        titles=Bilingual(en="How many?", fr="Combien ?"),
        required=required,
        lowest=0,
        highest=2,
        shown_when=shown_when,
    )
