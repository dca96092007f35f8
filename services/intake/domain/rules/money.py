"""Rules about the budget: shares, limits and who contributes."""

from collections.abc import Iterable
from typing import Any

from services.intake.domain.bilingual import percent_en, percent_fr
from services.intake.domain.rules.answers import counted
from services.intake.domain.rules.parameters import Parameters, number, word
from services.intake.domain.rules.submission import Submission
from shared.kernel.money import BASIS_POINTS, Money
from shared.kernel.refusals import Refusal, RuleBroken


class PublicShareAboveRate(RuleBroken):
    """The public share of the cash costs is at most the reimbursement rate of the programme."""

    en = "{requested} is asked for; at most {limit} ({rate_en} of cash costs) may be."
    fr = "{requested} sont demandés, au plus {limit} ({rate_fr} des coûts en espèces) sont permis."


class OneParticipantTakesTooMuch(RuleBroken):
    """No participant receives more than the share of the public money its programme allows."""

    en = "{name} asks for {requested} of {total}; at most {rate_en} may go to one participant."
    fr = (
        "{name} demande {requested} sur {total}; au plus {rate_fr} peuvent aller à un "
        "même participant."
    )


class TooMuchInKind(RuleBroken):
    """The match is in cash, but for the share its programme allows in kind."""

    en = "{in_kind} of a match of {match} is in kind; at most {rate_en} may be."
    fr = "{in_kind} d’une contrepartie de {match} sont en nature; au plus {rate_fr} peuvent l’être."


class GovernmentsStackTooHigh(RuleBroken):
    """All Canadian governments together give at most the stacking limit of the cash costs."""

    en = (
        "All governments together would give {public}; the limit is {limit} ({rate_en} "
        "of cash costs)."
    )
    fr = (
        "L’ensemble des gouvernements verserait {public}; la limite est de {limit} "
        "({rate_fr} des coûts en espèces)."
    )


class ProjectTooSmall(RuleBroken):
    """A project costs at least what its programme asks."""

    en = "The project costs {costs}; it must cost at least {limit}."
    fr = "Le projet coûte {costs}; il doit coûter au moins {limit}."


class ProjectTooLarge(RuleBroken):
    """A project costs at most what its programme allows."""

    en = "The project costs {costs}; it may cost at most {limit}."
    fr = "Le projet coûte {costs}; il peut coûter au plus {limit}."


class RequestTooLarge(RuleBroken):
    """One application asks for at most what its programme gives to one application."""

    en = "{requested} is asked for; at most {limit} may be."
    fr = "{requested} sont demandés; au plus {limit} peuvent l’être."


class RequestTooLargeForEach(RuleBroken):
    """An application that passes money on asks for at most so much for each that it helps."""

    en = "{requested} is asked for; at most {each} for each of {count}, {limit}, may be."
    fr = "{requested} sont demandés; au plus {each} pour chacun des {count}, {limit}, l’est."


class MatchNegative(RuleBroken):
    """A participant asks for no more in a quarter than it spends in cash in that quarter."""

    en = "In {quarter}, {name} asks for {excess} more than its cash costs."
    fr = "Pour {quarter}, {name} demande {excess} de plus que ses coûts en espèces."


def public_share_within_rate(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Requests add up to at most the programme's rate of all cash costs."""
    requested, cash = submission.budget.requested.cents, submission.budget.cash.cents
    rate = submission.reimbursement_rate_bp
    if requested * BASIS_POINTS > rate * cash:
        limit = rate * cash // BASIS_POINTS
        yield PublicShareAboveRate(
            requested=Money(requested),
            limit=Money(limit),
            **_rate(rate),
            field="requests",
            accepted={"maximum_cents": limit},
        )


def one_participant_share(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """No participant asks for more than ``at_most_bp`` of all that is asked for."""
    requested = submission.budget.requested.cents
    rate = number(parameters, "at_most_bp")
    for index, participant in enumerate(submission.participants):
        share = submission.budget.requested_by(participant.participant_id).cents
        if share * BASIS_POINTS > rate * requested:
            yield OneParticipantTakesTooMuch(
                name=participant.profile.legal_name,
                requested=Money(share),
                total=Money(requested),
                **_rate(rate),
                field=f"participants[{index}]",
                accepted={"maximum_cents": rate * requested // BASIS_POINTS},
            )


def in_kind_share(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At most ``at_most_bp`` of the match is in kind."""
    budget, rate = submission.budget, number(parameters, "at_most_bp")
    in_kind = budget.in_kind.cents
    match = budget.cash.cents - budget.requested.cents + in_kind
    if in_kind and in_kind * BASIS_POINTS > rate * match:
        yield TooMuchInKind(
            in_kind=Money(in_kind),
            match=Money(match),
            **_rate(rate),
            field="costs",
            accepted={"maximum_cents": max(0, rate * match // BASIS_POINTS)},
        )


def stacking_limit(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """
    Requests and other governments' money add up to at most ``at_most_bp`` of cash costs.

    Every source declared counts: confirmed or only asked for, and tax credits too.
    """
    budget, rate = submission.budget, number(parameters, "at_most_bp")
    public = budget.requested.cents + budget.from_governments.cents
    if public * BASIS_POINTS > rate * budget.cash.cents:
        limit = rate * budget.cash.cents // BASIS_POINTS
        yield GovernmentsStackTooHigh(
            public=Money(public),
            limit=Money(limit),
            **_rate(rate),
            field="sources" if budget.sources else "other_government",
            accepted={"maximum_cents": max(0, limit - budget.requested.cents)},
        )


def match_never_negative(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """In no quarter does a participant ask for more than its cash costs."""
    names = {
        participant.participant_id: participant.profile.legal_name
        for participant in submission.participants
    }
    position = {
        (request.participant_id, request.quarter): index
        for index, request in enumerate(submission.budget.requests)
    }
    for cell in submission.budget.match():
        if cell.cash.cents < 0:
            index = position[cell.participant_id, cell.quarter]
            request = submission.budget.requests[index]
            yield MatchNegative(
                quarter=cell.quarter,
                name=names[cell.participant_id],
                excess=Money(-cell.cash.cents),
                field=f"requests[{index}].amount",
                accepted={"maximum_cents": request.amount.cents + cell.cash.cents},
            )


def size_within(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """All costs, in cash and in kind, are from ``lowest_cents`` to ``highest_cents``."""
    costs = submission.budget.cash.cents + submission.budget.in_kind.cents
    lowest, highest = number(parameters, "lowest_cents"), number(parameters, "highest_cents")
    if costs < lowest:
        yield ProjectTooSmall(
            costs=Money(costs),
            limit=Money(lowest),
            field="costs",
            accepted={"minimum_cents": lowest},
        )
    if costs > highest:
        yield ProjectTooLarge(
            costs=Money(costs),
            limit=Money(highest),
            field="costs",
            accepted={"maximum_cents": highest},
        )


def requested_at_most(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """The application asks for at most ``at_most_cents``."""
    requested, limit = submission.budget.requested.cents, number(parameters, "at_most_cents")
    if requested > limit:
        yield RequestTooLarge(
            requested=Money(requested),
            limit=Money(limit),
            field="requests",
            accepted={"maximum_cents": limit},
        )


def requested_at_most_for_each(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """
    The application asks for at most ``at_most_cents`` for each that it helps.

    How many those are is answered in ``section`` at ``field``: a number, or a list of them.
    Nothing answered counts as none.
    """
    requested, each = submission.budget.requested.cents, number(parameters, "at_most_cents")
    count = counted(submission.answers, word(parameters, "section"), word(parameters, "field"))
    if requested > each * count:
        yield RequestTooLargeForEach(
            requested=Money(requested),
            each=Money(each),
            count=count,
            limit=Money(each * count),
            field="requests",
            accepted={"maximum_cents": each * count},
        )


def _rate(basis_points: int) -> dict[str, Any]:
    return {"rate_en": percent_en(basis_points), "rate_fr": percent_fr(basis_points)}
