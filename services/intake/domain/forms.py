"""What can be wrong with what people fill in, whatever the programme: every problem at once."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from uuid import UUID

from services.intake.domain.budget import Budget
from services.intake.domain.consortium import ROLES, Participant
from services.intake.domain.definition import Criterion, ListedTwice, NotAmongThese, OutOfBounds
from services.intake.domain.funding import NotInConsortium
from services.intake.domain.sources import GOVERNMENTS, STATUSES, GovernmentSource
from shared.kernel.money import Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Invalid, Reason, Refusal

EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)
"""Days a project may start and end on."""

LARGEST_AMOUNT = Money(10_000_000_000_00)
"""No line of a budget is larger: what is, is a slip of the keyboard."""


class ApplicationNotValid(Invalid):
    """An application has a title and a period."""

    en = "The application cannot be started as described."
    fr = "La demande ne peut pas être commencée telle que décrite."


class ConsortiumNotValid(Invalid):
    """A consortium is the lead and other organisations, each once and in one role."""

    en = "The consortium cannot be as described."
    fr = "Le consortium ne peut pas être tel que décrit."


class BudgetNotValid(Invalid):
    """A budget is made of lines about the consortium, its categories and its period."""

    en = "The budget cannot be as described."
    fr = "Le budget ne peut pas être tel que décrit."


class AssessmentNotValid(Invalid):
    """An assessment gives every criterion of the grid one score."""

    en = "The assessment does not fill in the grid."
    fr = "L’évaluation ne remplit pas la grille."


class TitleMissing(Invalid):
    """An application has a title."""

    en = "The title is missing."
    fr = "Le titre est absent."


class EndsBeforeItStarts(Invalid):
    """A project ends on or after the day it starts."""

    en = "The project would end on {ends_on}, before it starts."
    fr = "Le projet se terminerait le {ends_on}, avant de commencer."


class DateNotPlausible(Invalid):
    """A project takes place in this century."""

    en = "{day} is not between {earliest} and {latest}."
    fr = "{day} n’est pas entre {earliest} et {latest}."


class LeadMissing(Invalid):
    """The organisation that applies is part of the consortium."""

    en = "The organisation that leads the application is not in the consortium."
    fr = "L’organisation responsable de la demande ne fait pas partie du consortium."


class LeadIsAnother(Invalid):
    """Only the organisation that applies has the role of lead."""

    en = "{name} does not lead this application."
    fr = "{name} n’est pas responsable de cette demande."


class QuarterOutsideProject(Invalid):
    """Costs and requests are planned while the project runs."""

    en = "{quarter} is not within the project."
    fr = "{quarter} n’est pas compris dans le projet."


class AmountNotPossible(Invalid):
    """An amount is in Canadian dollars, not negative, and not beyond reason."""

    en = "This amount is not possible here."
    fr = "Ce montant n’est pas possible ici."


class SourceUnnamed(Invalid):
    """Money of another government comes from a programme that has a name."""

    en = "The programme that gives this money is not named."
    fr = "Le programme qui verse cet argent n’est pas nommé."


class CriterionNotScored(Invalid):
    """Every criterion of the grid is scored."""

    en = "The criterion {criterion} has no score."
    fr = "Le critère {criterion} n’a pas de note."


class SummaryMissing(Invalid):
    """An assessment tells the committee in words what it found."""

    en = "The summary is missing."
    fr = "Le résumé est absent."


def problems_of_start(title: str, starts_on: date, ends_on: date) -> list[Reason]:
    """Everything that is wrong with the first page."""
    return _reasons(_start(title, starts_on, ends_on))


def problems_of_consortium(participants: Sequence[Participant], lead: UUID) -> list[Reason]:
    """Everything that is wrong with a consortium whose lead organisation is ``lead``."""
    return _reasons(_consortium(participants, lead))


def problems_of_budget(
    budget: Budget,
    *,
    participants: Sequence[Participant],
    categories: Sequence[str],
    starts_on: date,
    ends_on: date,
) -> list[Reason]:
    """Everything that is wrong with a budget grid, whatever the programme's rules."""
    quarters = Quarter.of(starts_on), Quarter.of(ends_on)
    return _reasons(
        [
            *_costs(budget, participants, categories, quarters),
            *_requests(budget, participants, quarters),
            *_amount(budget.other_government, "other_government"),
            *_sources(budget.sources),
        ]
    )


def problems_of_scores(
    scores: Sequence[tuple[str, int]], summary: str, grid: Sequence[Criterion]
) -> list[Reason]:
    """Everything that keeps scores from filling in the grid."""
    return _reasons(_scores(scores, summary, grid))


def _start(title: str, starts_on: date, ends_on: date) -> Iterable[Refusal]:
    if not title.strip():
        yield TitleMissing(field="title")
    for field, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not EARLIEST <= day <= LATEST:
            yield DateNotPlausible(
                day=day,
                earliest=EARLIEST,
                latest=LATEST,
                field=field,
                accepted={"minimum": EARLIEST.isoformat(), "maximum": LATEST.isoformat()},
            )
    if ends_on < starts_on:
        yield EndsBeforeItStarts(
            ends_on=ends_on, field="ends_on", accepted={"minimum": starts_on.isoformat()}
        )


def _consortium(participants: Sequence[Participant], lead: UUID) -> Iterable[Refusal]:
    if all(participant.organisation_id != lead for participant in participants):
        yield LeadMissing(field="participants", accepted={"organisation_id": str(lead)})
    for index, participant in enumerate(participants):
        field = f"participants[{index}].role"
        if participant.role not in ROLES:
            yield NotAmongThese(value=participant.role, field=field, accepted=list(ROLES))
        elif participant.role == "lead" and participant.organisation_id != lead:
            others = [role for role in ROLES if role != "lead"]
            yield LeadIsAnother(name=participant.profile.legal_name, field=field, accepted=others)
    yield from _once(
        (participant.organisation_id for participant in participants),
        "participants[{}].organisation_id",
    )


def _costs(
    budget: Budget,
    participants: Sequence[Participant],
    categories: Sequence[str],
    quarters: tuple[Quarter, Quarter],
) -> Iterable[Refusal]:
    for index, cost in enumerate(budget.costs):
        place = f"costs[{index}]"
        yield from _participant(cost.participant_id, participants, place)
        yield from _quarter(cost.quarter, quarters, place)
        if cost.category not in categories:
            yield NotAmongThese(
                value=cost.category, field=f"{place}.category", accepted=list(categories)
            )
        yield from _amount(cost.cash, f"{place}.cash")
        yield from _amount(cost.in_kind, f"{place}.in_kind")
    yield from _once(
        ((cost.participant_id, cost.category, cost.quarter) for cost in budget.costs), "costs[{}]"
    )


def _requests(
    budget: Budget, participants: Sequence[Participant], quarters: tuple[Quarter, Quarter]
) -> Iterable[Refusal]:
    for index, request in enumerate(budget.requests):
        place = f"requests[{index}]"
        yield from _participant(request.participant_id, participants, place)
        yield from _quarter(request.quarter, quarters, place)
        yield from _amount(request.amount, f"{place}.amount")
    yield from _once(
        ((request.participant_id, request.quarter) for request in budget.requests), "requests[{}]"
    )


def _sources(sources: Sequence[GovernmentSource]) -> Iterable[Refusal]:
    for index, source in enumerate(sources):
        place = f"sources[{index}]"
        for name, value, known in (
            ("government", source.government, GOVERNMENTS),
            ("status", source.status, STATUSES),
        ):
            if value not in known:
                yield NotAmongThese(value=value, field=f"{place}.{name}", accepted=list(known))
        if not source.programme.strip():
            yield SourceUnnamed(field=f"{place}.programme")
        yield from _amount(source.amount, f"{place}.amount")
    yield from _once(
        ((source.government, source.programme.strip()) for source in sources), "sources[{}]"
    )


def _scores(
    scores: Sequence[tuple[str, int]], summary: str, grid: Sequence[Criterion]
) -> Iterable[Refusal]:
    out_of = {line.criterion: line.out_of for line in grid}
    for index, (criterion, score) in enumerate(scores):
        if criterion not in out_of:
            yield NotAmongThese(
                value=criterion, field=f"scores[{index}].criterion", accepted=list(out_of)
            )
        elif not 0 <= score <= out_of[criterion]:
            yield OutOfBounds(
                value=score,
                lowest=0,
                highest=out_of[criterion],
                field=f"scores[{index}].score",
                accepted={"minimum": 0, "maximum": out_of[criterion]},
            )
    yield from _once((criterion for criterion, _ in scores), "scores[{}].criterion")
    scored = {criterion for criterion, _ in scores}
    for criterion in out_of:
        if criterion not in scored:
            yield CriterionNotScored(
                criterion=criterion, field="scores", accepted={"criterion": criterion}
            )
    if not summary.strip():
        yield SummaryMissing(field="summary")


def _participant(
    participant_id: UUID, participants: Sequence[Participant], place: str
) -> Iterable[Refusal]:
    if all(participant.participant_id != participant_id for participant in participants):
        yield NotInConsortium(
            field=f"{place}.organisation_id",
            accepted=[str(participant.organisation_id) for participant in participants],
        )


def _quarter(quarter: Quarter, quarters: tuple[Quarter, Quarter], place: str) -> Iterable[Refusal]:
    first, last = quarters
    if not first <= quarter <= last:
        yield QuarterOutsideProject(
            quarter=quarter,
            field=f"{place}.quarter",
            accepted={"minimum": str(first), "maximum": str(last)},
        )


def _amount(amount: Money, field: str) -> Iterable[Refusal]:
    # The currency is looked at first: amounts of two currencies cannot be compared.
    if amount.currency != LARGEST_AMOUNT.currency or not 0 <= amount.cents <= LARGEST_AMOUNT.cents:
        yield AmountNotPossible(
            field=field,
            accepted={
                "currency": LARGEST_AMOUNT.currency,
                "minimum_cents": 0,
                "maximum_cents": LARGEST_AMOUNT.cents,
            },
        )


def _once(values: Iterable[Hashable], field: str) -> Iterable[Refusal]:
    seen: Counter[Hashable] = Counter()
    for index, value in enumerate(values):
        seen[value] += 1
        if seen[value] == 2:
            shown = " · ".join(map(str, value)) if isinstance(value, tuple) else value
            yield ListedTwice(value=shown, field=field.format(index))


def _reasons(problems: Iterable[Refusal]) -> list[Reason]:
    return [problem.as_reason() for problem in problems]
