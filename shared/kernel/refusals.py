"""
Refusals: the sentences with which the system says no.

A refusal class is a named sentence beside the rule it guards, with a stable code (its name in
kebab case) and French and English text. HTTP is added at the door (``shared.web``).
Anything that user input can trigger is a refusal; everything else is a defect.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.kernel.language import Language, said


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong: where, and what would be accepted."""

    code: str
    en: str
    fr: str
    field: str | None = None
    """Path of the offending value in what was sent, e.g. ``participants[1].business_number``."""
    accepted: object = None
    """What would be accepted, as JSON: a list of values, a bound, a pattern."""


class Refusal(Exception):  # a refusal is a sentence, not an error
    """
    A command or query is refused.

    ``en`` and ``fr`` are format strings over the keyword parameters given when raising.
    Parameters may be ``Money``, dates and quarters: they are shown in the reader's language.
    """

    en: ClassVar[str] = "Refused."
    fr: ClassVar[str] = "Refusé."

    def __init__(
        self,
        *,
        field: str | None = None,
        accepted: object = None,
        reasons: Sequence[Reason] = (),
        **parameters: object,
    ) -> None:
        self.field = field
        self.accepted = accepted
        self.reasons = tuple(reasons)
        self.parameters = parameters
        super().__init__(self.says("en"))

    @classmethod
    def code(cls) -> str:
        """The stable code: ``ClaimExceedsBalance`` is ``claim-exceeds-balance``."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def says(self, language: Language) -> str:
        """The sentence, with its parameters as they are written in that language."""
        return said(self.fr if language == "fr" else self.en, self.parameters, language)

    def as_reason(self) -> Reason:
        """This refusal as one reason among several."""
        return Reason(
            code=self.code(),
            en=self.says("en"),
            fr=self.says("fr"),
            field=self.field,
            accepted=self.accepted,
        )


class NotFound(Refusal):
    """There is no such thing, or it is not yours to see."""

    en = "There is no such {kind}."
    fr = "Cet élément n’existe pas : {kind}."


class RuleBroken(Refusal):
    """The rules of the domain do not allow it in the present state."""


class Invalid(Refusal):
    """What was sent cannot be right in any state."""


class NotAllowed(Refusal):
    """Who asks may not do this."""

    en = "You may not do this."
    fr = "Vous n’avez pas le droit de faire cela."


class StaleVersion(Refusal):
    """What you saw has changed since: read it again, then decide again."""

    en = "It is at version {actual}, and you expected version {expected}."
    fr = "La version actuelle est {actual}, et vous attendiez la version {expected}."
