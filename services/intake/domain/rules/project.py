"""Rules about the project itself: how long, from when, and not twice."""

from collections.abc import Iterable
from datetime import date, timedelta

from services.intake.domain.rules.parameters import Parameters, day, number
from services.intake.domain.rules.submission import Submission
from services.intake.domain.similarity import same_project
from shared.kernel.refusals import Refusal, RuleBroken


class ProjectTooShort(RuleBroken):
    """A project lasts at least as long as its programme asks."""

    en = "The project ends on {ends_on}; it must last at least {months} months, to {limit}."
    fr = (
        "Le projet se termine le {ends_on}; il doit durer au moins {months} mois, jusqu’au {limit}."
    )


class ProjectTooLong(RuleBroken):
    """A project lasts at most as long as its programme allows."""

    en = "The project ends on {ends_on}; it may last at most {months} months, to {limit}."
    fr = "Le projet se termine le {ends_on}; il peut durer au plus {months} mois, jusqu’au {limit}."


class StartsTooLate(RuleBroken):
    """A project starts on the last day its programme allows, or before."""

    en = "The project starts on {starts_on}; it must start by {latest}."
    fr = "Le projet commence le {starts_on}; il doit commencer au plus tard le {latest}."


class AlreadySubmitted(RuleBroken):
    """The same project is not submitted twice."""

    en = "The same organisation has already submitted “{title}”, which still stands."
    fr = "La même organisation a déjà déposé « {title} », qui tient toujours."


def duration_within(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """From ``at_least_months`` to ``at_most_months`` calendar months, both days included."""
    at_least = number(parameters, "at_least_months")
    at_most = number(parameters, "at_most_months")
    shortest = _last_day_after(submission.starts_on, at_least)
    longest = _last_day_after(submission.starts_on, at_most)
    if submission.ends_on < shortest:
        yield ProjectTooShort(
            ends_on=submission.ends_on,
            months=at_least,
            limit=shortest,
            field="ends_on",
            accepted={"minimum": shortest.isoformat()},
        )
    if submission.ends_on > longest:
        yield ProjectTooLong(
            ends_on=submission.ends_on,
            months=at_most,
            limit=longest,
            field="ends_on",
            accepted={"maximum": longest.isoformat()},
        )


def starts_by(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """The project starts on ``latest`` or before."""
    latest = day(parameters, "latest")
    if submission.starts_on > latest:
        yield StartsTooLate(
            starts_on=submission.starts_on,
            latest=latest,
            field="starts_on",
            accepted={"maximum": latest.isoformat()},
        )


def not_submitted_twice(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """The lead has no other application of nearly the same title that still stands."""
    for other in submission.others:
        if same_project(submission.title, submission.lead_organisation_id, other):
            yield AlreadySubmitted(title=other.title, field="title")


def _last_day_after(first_day: date, months: int) -> date:
    """The last day of a span of whole calendar months that begins on ``first_day``."""
    years, month = divmod(first_day.month - 1 + months, 12)
    first_of_month = date(first_day.year + years, month + 1, 1)
    following = (first_of_month + timedelta(days=31)).replace(day=1)
    days_in_month = (following - first_of_month).days
    if first_day.day > days_in_month:
        return following - timedelta(days=1)
    return first_of_month.replace(day=first_day.day) - timedelta(days=1)
