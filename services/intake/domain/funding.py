"""
Which pocket pays how much of what is asked for.

Not told otherwise, each request is split over the pockets of the programme that may fund its
participant, in the programme's order: a pocket with a share takes that share, and the first one
without a share takes the rest. Parts add up to the request, by largest remainder.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from services.intake.domain.budget import Budget, Request
from services.intake.domain.consortium import Participant
from services.intake.domain.definition import PocketTerms
from shared.kernel.money import BASIS_POINTS, ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken
from shared.kernel.schedule import FundingCell


class FundingNotPossible(RuleBroken):
    """What is asked for is spread over pockets that may fund it, and adds up to what is asked."""

    en = "The funding does not go with the request."
    fr = "Le financement ne correspond pas à la demande."


class NoPocketForParticipant(RuleBroken):
    """A participant is funded from pockets open to its province."""

    en = "No pocket of the programme may fund {name}, which is in {province}."
    fr = "Aucune enveloppe du programme ne peut financer {name}, dont la province est {province}."


class PocketNotOfProgramme(Invalid):
    """A programme draws on its own pockets only."""

    en = "The programme does not draw on the pocket {pocket}."
    fr = "Le programme ne puise pas dans l’enveloppe {pocket}."


class PocketNotForProvince(RuleBroken):
    """A pocket restricted to provinces funds participants of those only."""

    en = "The pocket {pocket} may not fund {name}, which is in {province}."
    fr = "L’enveloppe {pocket} ne peut pas financer {name}, dont la province est {province}."


class FundingDoesNotAddUp(RuleBroken):
    """Funding adds up to what is asked for, per participant and quarter."""

    en = "The funding of {name} for {quarter} adds up to {given}, not to the {asked} asked for."
    fr = "Le financement de {name} pour {quarter} totalise {given}, et non les {asked} demandés."


class FundingCellNotPositive(Invalid):
    """A cell of the funding is more than nothing, in Canadian dollars."""

    en = "The amount must be more than zero, in CAD."
    fr = "Le montant doit être supérieur à zéro, en CAD."


class FundingCellTwice(Invalid):
    """There is one amount per participant, pocket and quarter."""

    en = "The pocket {pocket} appears twice for this participant and {quarter}."
    fr = "L’enveloppe {pocket} figure deux fois pour ce participant et {quarter}."


class NotInConsortium(Invalid):
    """Lines are about organisations of the consortium."""

    en = "This organisation is not in the consortium."
    fr = "Cette organisation ne fait pas partie du consortium."


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCell:
    """One amount as an officer wrote it, not yet checked."""

    participant_id: UUID
    pocket: str
    quarter: Quarter
    amount: Money


def unfundable(
    participants: Iterable[Participant], budget: Budget, pockets: Sequence[PocketTerms]
) -> list[Reason]:
    """Participants that ask for money which no pocket of the programme may give them."""
    return [
        NoPocketForParticipant(
            name=participant.profile.legal_name,
            province=participant.profile.province,
            field=f"participants[{index}].organisation_id",
        ).as_reason()
        for index, participant in enumerate(participants)
        if budget.requested_by(participant.participant_id)
        and not any(pocket.takes(participant.profile.province) for pocket in pockets)
    ]


def split_over_pockets(
    budget: Budget, participants: Iterable[Participant], pockets: Sequence[PocketTerms]
) -> tuple[FundingCell, ...]:
    """The programme's own split of every request. Raises ``FundingNotPossible``."""
    participants = tuple(participants)
    if reasons := unfundable(participants, budget, pockets):
        raise FundingNotPossible(reasons=reasons)
    province = {
        participant.participant_id: participant.profile.province for participant in participants
    }
    return tuple(
        FundingCell(
            participant_id=request.participant_id,
            pocket=pocket,
            quarter=request.quarter,
            amount=amount,
        )
        for request in budget.requests
        for pocket, amount in _split(request, province[request.participant_id], pockets)
        if amount
    )


def _split(
    request: Request, province: str, pockets: Sequence[PocketTerms]
) -> Iterable[tuple[str, Money]]:
    taking = [pocket for pocket in pockets if pocket.takes(province)]
    rest = BASIS_POINTS - sum(pocket.share_bp or 0 for pocket in taking)
    weights = []
    for pocket in taking:
        if pocket.share_bp is not None:
            weights.append(pocket.share_bp)
        else:
            weights.append(rest)
            rest = 0
    return zip((pocket.code for pocket in taking), request.amount.split(weights), strict=True)


def checked_funding(
    given: Sequence[GivenCell],
    budget: Budget,
    participants: Sequence[Participant],
    pockets: Sequence[PocketTerms],
) -> tuple[FundingCell, ...]:
    """The split as an officer gave it. Raises ``FundingNotPossible`` with every reason at once."""
    problems = [
        *_problems_of_cells(given, participants, pockets),
        *_differences(given, budget, participants),
    ]
    if problems:
        raise FundingNotPossible(reasons=[problem.as_reason() for problem in problems])
    return tuple(
        FundingCell(
            participant_id=cell.participant_id,
            pocket=cell.pocket,
            quarter=cell.quarter,
            amount=cell.amount,
        )
        for cell in given
    )


def _problems_of_cells(
    given: Sequence[GivenCell],
    participants: Sequence[Participant],
    pockets: Sequence[PocketTerms],
) -> Iterable[Refusal]:
    known = {pocket.code: pocket for pocket in pockets}
    parties = {participant.participant_id: participant for participant in participants}
    seen: Counter[tuple[UUID, str, Quarter]] = Counter()
    for index, cell in enumerate(given):
        place = f"funding[{index}]"
        party, pocket = parties.get(cell.participant_id), known.get(cell.pocket)
        if party is None:
            yield NotInConsortium(
                field=f"{place}.organisation_id",
                accepted=[str(participant.organisation_id) for participant in participants],
            )
        if pocket is None:
            yield PocketNotOfProgramme(
                pocket=cell.pocket, field=f"{place}.pocket", accepted=list(known)
            )
        if party is not None and pocket is not None and not pocket.takes(party.profile.province):
            yield PocketNotForProvince(
                pocket=cell.pocket,
                name=party.profile.legal_name,
                province=party.profile.province,
                field=f"{place}.pocket",
                accepted=list(pocket.provinces or ()),
            )
        if cell.amount.cents <= 0 or cell.amount.currency != "CAD":
            yield FundingCellNotPositive(field=f"{place}.amount", accepted={"minimum_cents": 1})
        seen[cell.participant_id, cell.pocket, cell.quarter] += 1
        if seen[cell.participant_id, cell.pocket, cell.quarter] == 2:
            yield FundingCellTwice(pocket=cell.pocket, quarter=cell.quarter, field=place)


def _differences(
    given: Sequence[GivenCell], budget: Budget, participants: Sequence[Participant]
) -> Iterable[Refusal]:
    names = {
        participant.participant_id: participant.profile.legal_name for participant in participants
    }
    asked: dict[tuple[UUID, Quarter], int] = {}
    for request in budget.requests:
        asked[request.participant_id, request.quarter] = request.amount.cents
    added: dict[tuple[UUID, Quarter], int] = dict.fromkeys(asked, 0)
    for cell in given:
        if cell.participant_id in names:
            key = cell.participant_id, cell.quarter
            added[key] = added.get(key, 0) + cell.amount.cents
    for (participant_id, quarter), cents in added.items():
        wanted = asked.get((participant_id, quarter), ZERO.cents)
        if cents != wanted:
            yield FundingDoesNotAddUp(
                name=names[participant_id],
                quarter=quarter,
                given=Money(cents),
                asked=Money(wanted),
                field="funding",
                accepted={"cents": wanted},
            )
