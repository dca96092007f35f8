"""What a conclusion of a theme holds: a score, words, and for three themes a few plain facts."""

from collections.abc import Iterable

from services.intake.domain.definition import OutOfBounds, TextMissing
from services.intake.domain.review_commands import ConcludeTheme
from shared.kernel.refusals import Invalid, Reason, Refusal

IP_PLAN, EMISSIONS, CYBERSECURITY = "ip-plan", "emissions", "cybersecurity"


class ConclusionNotValid(Invalid):
    """A conclusion scores its theme, says why, and holds the facts that its theme asks for."""

    en = "The conclusion cannot be as described."
    fr = "La conclusion ne peut pas être telle que décrite."


class FactsMissing(Invalid):
    """Three themes are concluded with facts: IP plan, emissions, cybersecurity."""

    en = "A conclusion of the theme {theme} needs these facts."
    fr = "Une conclusion du thème {theme} exige ces faits."


class FactsOfAnotherTheme(Invalid):
    """Facts are given with the theme they belong to."""

    en = "These facts do not belong to the theme {theme}."
    fr = "Ces faits ne relèvent pas du thème {theme}."


def problems_of_conclusion(command: ConcludeTheme, *, out_of: int) -> list[Reason]:
    """Everything that is wrong with a conclusion, at once."""
    return [problem.as_reason() for problem in _problems(command, out_of)]


def _problems(command: ConcludeTheme, out_of: int) -> Iterable[Refusal]:
    if not 0 <= command.score <= out_of:
        yield OutOfBounds(
            value=command.score,
            lowest=0,
            highest=out_of,
            field="score",
            accepted={"minimum": 0, "maximum": out_of},
        )
    if not command.text.strip():
        yield TextMissing(field="text")
    facts = (
        (IP_PLAN, "ip_plan", command.ip_plan),
        (EMISSIONS, "emissions", command.emissions),
        (CYBERSECURITY, "cybersecurity", command.cybersecurity),
    )
    for theme, field, given in facts:
        if theme == command.theme and given is None:
            yield FactsMissing(theme=command.theme, field=field)
        if theme != command.theme and given is not None:
            yield FactsOfAnotherTheme(theme=command.theme, field=field)
    if command.emissions is not None and not command.emissions.method.strip():
        yield TextMissing(field="emissions.method")
