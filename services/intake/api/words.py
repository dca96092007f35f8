"""Words and limits that every form of intake shares."""

from typing import Annotated

from pydantic import Field

from services.intake.domain.bilingual import Bilingual
from shared.web.schemas import Request

MOST_PARTICIPANTS = 50
MOST_LINES = 2_000

Name = Annotated[str, Field(max_length=200)]
"""A code, a name or a title."""


class Words(Request):
    """One text in English and in French."""

    en: str
    fr: str

    def to_domain(self) -> Bilingual:
        """As the domain speaks of it."""
        return Bilingual(en=self.en, fr=self.fr)
