"""Questions: what each asks, which answers it takes, and when it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.impact.domain.visibility import Condition

INDICATOR, CHOICE, NUMBER, TEXT, YES_NO, IP_LIST = (
    "indicator",
    "choice",
    "number",
    "text",
    "yes-no",
    "ip-list",
)
KINDS = (INDICATOR, CHOICE, NUMBER, TEXT, YES_NO, IP_LIST)
IP_KINDS = ("patent", "copyright", "trade-secret", "design", "trademark", "other")
"""As claims declares them at closing."""
LONGEST_TEXT = 2_000
"""Characters of a text answer."""
MOST_PROPERTY = 100
"""Entries of one list of intellectual property."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bilingual:
    """A text in both languages."""

    en: str
    fr: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the answers that a question of choice takes."""

    code: str
    titles: Bilingual


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that is asked."""

    code: str
    """The indicator's code where it asks about one."""
    kind: str
    titles: Bilingual
    help: Bilingual | None = None
    unit: str = ""
    """Of a number; an indicator has its own."""
    required: bool = False
    lowest: int | None = None
    highest: int | None = None
    choices: tuple[Choice, ...] = ()
    shown_when: Condition | None = None
    """None: always."""
    surprising_bp: int | None = None
    """An answer that moves by a larger share of last year's needs a reason; None: none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one survey asks, and what its answers are held against."""

    questions: tuple[Question, ...] = ()
    """None where no questionnaire was published: any indicator of the catalogue then."""
    last_year: Mapping[str, int] = field(default_factory=dict)
    """Answers to the survey of the year before, by indicator."""


WHOLE_CATALOGUE = Asked()
"""For surveys that opened before their programme had a questionnaire."""
