"""
The eligibility rules a programme can ask, by name and with parameters.

Every rule is a pure function of what is submitted and answers everything it objects to.
All rules a programme lists are asked, so that an applicant learns everything at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from services.intake.domain.bilingual import percent_en, percent_fr
from services.intake.domain.budget import Budget
from services.intake.domain.consortium import Participant
from services.intake.domain.organisation import business_number_is_valid
from shared.kernel.money import BASIS_POINTS, Money
from shared.kernel.refusals import Reason, Refusal, RuleBroken

Parameters = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRule:
    """A rule a programme lists, with its parameters."""

    name: str
    parameters: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What the rules look at: all that counts of an application at the instant it is submitted."""

    at: datetime
    opens_at: datetime
    closes_at: datetime | None
    reimbursement_rate_bp: int
    starts_on: date
    ends_on: date
    lead_organisation_id: UUID
    participants: tuple[Participant, ...]
    budget: Budget


Rule: TypeAlias = Callable[[Submission, Parameters], Iterable[Refusal]]
"""Asks one question; gives its objections, none when it is content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What a parameter may be, bounds included."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRule:
    """A rule as programmes may list it."""

    objections: Rule
    source: str
    """Where the rule comes from."""
    parameters: Mapping[str, Bounds]


# Refusals


class CallNotYetOpen(RuleBroken):
    """An application is submitted after its call opens."""

    en = "The call opens on {opens_at}."
    fr = "L’appel ouvre le {opens_at}."


class CallClosed(RuleBroken):
    """An application is submitted before its call closes."""

    en = "The call closed on {closes_at}."
    fr = "L’appel a pris fin le {closes_at}."


class AdopterMissing(RuleBroken):
    """At least one participant adopts the solution."""

    en = "No participant has the role of adopter."
    fr = "Aucun participant n’a le rôle d’adoptant."


class AiProviderMissing(RuleBroken):
    """At least one participant provides the artificial intelligence."""

    en = "No participant has the role of AI provider."
    fr = "Aucun participant n’a le rôle de fournisseur d’IA."


class TooFewParticipants(RuleBroken):
    """A consortium has at least the number of participants its programme asks for."""

    en = "The consortium has {actual} participants; at least {at_least} are needed."
    fr = "Le consortium compte {actual} participants; il en faut au moins {at_least}."


class TooFewSmes(RuleBroken):
    """A consortium has at least the number of small or medium-sized enterprises asked for."""

    en = "The consortium has {actual} SMEs; at least {at_least} are needed."
    fr = "Le consortium compte {actual} PME; il en faut au moins {at_least}."


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


class ParticipantsNumberNotValid(RuleBroken):
    """Every participant has a valid business number."""

    en = "The business number of {name}, {number}, is not valid."
    fr = "Le numéro d’entreprise de {name}, {number}, n’est pas valide."


class LeadNotIncorporatedInCanada(RuleBroken):
    """The lead is incorporated in Canada."""

    en = "The lead, {name}, is not incorporated in Canada."
    fr = "Le responsable, {name}, n’est pas constitué en société au Canada."


class LeadNotForProfit(RuleBroken):
    """The lead is a for-profit firm."""

    en = "The lead, {name}, is not for profit."
    fr = "Le responsable, {name}, n’est pas à but lucratif."


class MatchNegative(RuleBroken):
    """A participant asks for no more in a quarter than it spends in cash in that quarter."""

    en = "In {quarter}, {name} asks for {excess} more than its cash costs."
    fr = "Pour {quarter}, {name} demande {excess} de plus que ses coûts en espèces."


# Rules


def call_open(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """The call has opened and has not closed; the closing instant itself is too late."""
    opens_at, closes_at = submission.opens_at, submission.closes_at
    if submission.at < opens_at:
        yield CallNotYetOpen(
            opens_at=opens_at, field="call_id", accepted={"from": opens_at.isoformat()}
        )
    if closes_at is not None and submission.at >= closes_at:
        yield CallClosed(
            closes_at=closes_at, field="call_id", accepted={"before": closes_at.isoformat()}
        )


def adopter_and_ai_provider(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Someone provides the AI and someone uses it."""
    roles = {participant.role for participant in submission.participants}
    if "adopter" not in roles:
        yield AdopterMissing(field="participants", accepted={"role": "adopter"})
    if "ai-provider" not in roles:
        yield AiProviderMissing(field="participants", accepted={"role": "ai-provider"})


def minimum_participants(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least ``at_least`` participants."""
    actual, at_least = len(submission.participants), parameters["at_least"]
    if actual < at_least:
        yield TooFewParticipants(
            actual=actual,
            at_least=at_least,
            field="participants",
            accepted={"minimum": at_least},
        )


def minimum_smes(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """At least ``at_least`` small or medium-sized enterprises."""
    actual = sum(participant.profile.sme for participant in submission.participants)
    if actual < parameters["at_least"]:
        yield TooFewSmes(
            actual=actual,
            at_least=parameters["at_least"],
            field="participants",
            accepted={"minimum": parameters["at_least"]},
        )


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
    rate = parameters["at_most_bp"]
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
    budget, rate = submission.budget, parameters["at_most_bp"]
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
    """Requests and other governments' money add up to at most ``at_most_bp`` of cash costs."""
    budget, rate = submission.budget, parameters["at_most_bp"]
    public = budget.requested.cents + budget.other_government.cents
    if public * BASIS_POINTS > rate * budget.cash.cents:
        limit = rate * budget.cash.cents // BASIS_POINTS
        yield GovernmentsStackTooHigh(
            public=Money(public),
            limit=Money(limit),
            **_rate(rate),
            field="other_government",
            accepted={"maximum_cents": max(0, limit - budget.requested.cents)},
        )


def duration_within(submission: Submission, parameters: Parameters) -> Iterable[Refusal]:
    """From ``at_least_months`` to ``at_most_months`` calendar months, both days included."""
    shortest = _last_day_after(submission.starts_on, parameters["at_least_months"])
    longest = _last_day_after(submission.starts_on, parameters["at_most_months"])
    if submission.ends_on < shortest:
        yield ProjectTooShort(
            ends_on=submission.ends_on,
            months=parameters["at_least_months"],
            limit=shortest,
            field="ends_on",
            accepted={"minimum": shortest.isoformat()},
        )
    if submission.ends_on > longest:
        yield ProjectTooLong(
            ends_on=submission.ends_on,
            months=parameters["at_most_months"],
            limit=longest,
            field="ends_on",
            accepted={"maximum": longest.isoformat()},
        )


def business_numbers_valid(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Every participant's business number passes its check digit, however it was entered."""
    for index, participant in enumerate(submission.participants):
        if not business_number_is_valid(participant.profile.business_number):
            yield ParticipantsNumberNotValid(
                name=participant.profile.legal_name,
                number=participant.profile.business_number,
                field=f"participants[{index}].business_number",
                accepted="nine digits with a valid check digit, e.g. 123026635",
            )


def lead_is_incorporated_for_profit(
    submission: Submission, _parameters: Parameters
) -> Iterable[Refusal]:
    """The lead is a Canadian company that does business for profit."""
    for index, participant in enumerate(submission.participants):
        if participant.organisation_id != submission.lead_organisation_id:
            continue
        name = participant.profile.legal_name
        if not participant.profile.incorporated_in_canada:
            yield LeadNotIncorporatedInCanada(
                name=name,
                field=f"participants[{index}].incorporated_in_canada",
                accepted=True,
            )
        if not participant.profile.for_profit:
            yield LeadNotForProfit(
                name=name, field=f"participants[{index}].for_profit", accepted=True
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


_SHARE = {"at_most_bp": Bounds(lowest=1, highest=BASIS_POINTS)}
_COUNT = {"at_least": Bounds(lowest=1, highest=50)}

RULES: Mapping[str, KnownRule] = {
    "call-open": KnownRule(objections=call_open, source="the call as published", parameters={}),
    "adopter-and-ai-provider": KnownRule(
        objections=adopter_and_ai_provider,
        source="Scale AI, industry-led projects: an adopter and a provider of AI",
        parameters={},
    ),
    "minimum-participants": KnownRule(
        objections=minimum_participants,
        source="Innovation Superclusters: at least two participants per project",
        parameters=_COUNT,
    ),
    "minimum-smes": KnownRule(
        objections=minimum_smes,
        source="Innovation Superclusters: at least one SME per project",
        parameters=_COUNT,
    ),
    "public-share-within-rate": KnownRule(
        objections=public_share_within_rate,
        source="Policy on Transfer Payments: the minimum needed, up to the programme's maximum",
        parameters={},
    ),
    "one-participant-share": KnownRule(
        objections=one_participant_share,
        source="NGen: no partner receives more than 70 % of the reimbursement",
        parameters=_SHARE,
    ),
    "in-kind-share": KnownRule(
        objections=in_kind_share,
        source="Innovation Superclusters: at most 25 % of the match in kind",
        parameters=_SHARE,
    ),
    "stacking-limit": KnownRule(
        objections=stacking_limit,
        source="Directive on Transfer Payments: total Canadian government funding of one activity",
        parameters=_SHARE,
    ),
    "duration-within": KnownRule(
        objections=duration_within,
        source="Scale AI, industry-led projects: usually 12 to 18 months",
        parameters={
            "at_least_months": Bounds(lowest=1, highest=120),
            "at_most_months": Bounds(lowest=1, highest=120),
        },
    ),
    "business-numbers-valid": KnownRule(
        objections=business_numbers_valid,
        source="Canada Revenue Agency: the ninth digit checks the others",
        parameters={},
    ),
    "lead-is-incorporated-for-profit": KnownRule(
        objections=lead_is_incorporated_for_profit,
        source="Scale AI, industry-led projects: led by an incorporated Canadian firm",
        parameters={},
    ),
    "match-never-negative": KnownRule(
        objections=match_never_negative,
        source="A schedule: participants contribute, they do not take out",
        parameters={},
    ),
}

ALWAYS_ASKED = AskedRule(name="match-never-negative", parameters={})
"""Asked whether a programme lists it or not: no schedule has a negative cell."""


def reasons_for_refusal(submission: Submission, asked: Iterable[AskedRule]) -> list[Reason]:
    """Everything that speaks against a submission, rule by rule in the programme's order."""
    rules = list(asked)
    if all(rule.name != ALWAYS_ASKED.name for rule in rules):
        rules.append(ALWAYS_ASKED)
    return [
        refusal.as_reason()
        for rule in rules
        for refusal in RULES[rule.name].objections(submission, rule.parameters)
    ]


def _last_day_after(first_day: date, months: int) -> date:
    """The last day of a span of whole calendar months that begins on ``first_day``."""
    years, month = divmod(first_day.month - 1 + months, 12)
    first_of_month = date(first_day.year + years, month + 1, 1)
    following = (first_of_month + timedelta(days=31)).replace(day=1)
    days_in_month = (following - first_of_month).days
    if first_day.day > days_in_month:
        return following - timedelta(days=1)
    return first_of_month.replace(day=first_day.day) - timedelta(days=1)


def _rate(basis_points: int) -> dict[str, Any]:
    return {"rate_en": percent_en(basis_points), "rate_fr": percent_fr(basis_points)}
