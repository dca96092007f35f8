"""What an award can grant of what an application asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from uuid import UUID

from services.selection.domain.application import Proposal
from shared.kernel.money import ZERO, Money
from shared.kernel.refusals import Reason
from shared.kernel.schedule import FundingCell


def against_the_funding(
    funding: tuple[FundingCell, ...], proposal: Proposal, *, over_other_pockets: bool
) -> Iterable[Reason]:
    """
    What is wrong with a schedule of an award.

    No participant is granted more than it asked: of each pocket, or in all where other pockets
    stand in.
    """
    yield from _more_than_asked(funding, proposal, over_other_pockets=over_other_pockets)
    yield from _wrong_with_the_funding(funding, proposal)


def _more_than_asked(
    funding: tuple[FundingCell, ...], proposal: Proposal, *, over_other_pockets: bool
) -> Sequence[Reason]:
    if over_other_pockets:
        # Where other pockets stand in, what counts is what each participant asked for in all.
        funding, asked_for = _of_any_pocket(funding), _of_any_pocket(proposal.funding)
    else:
        asked_for = proposal.funding
    asked = _by_participant_and_pocket(asked_for)
    return [
        Reason(
            code="more-than-asked",
            en=f"Participant {participant_id} did not ask as much of pocket {pocket}.",
            fr=f"Le participant {participant_id} n’a pas demandé autant à {pocket}.",
            field="funding",
            accepted={
                "participant_id": str(participant_id),
                "cents": asked.get((participant_id, pocket), ZERO).cents,
            },
        )
        for (participant_id, pocket), granted in _by_participant_and_pocket(funding).items()
        if granted > asked.get((participant_id, pocket), ZERO)
    ]


def _of_any_pocket(cells: tuple[FundingCell, ...]) -> tuple[FundingCell, ...]:
    return tuple(replace(cell, pocket="*") for cell in cells)


def _wrong_with_the_funding(
    funding: tuple[FundingCell, ...], proposal: Proposal
) -> Sequence[Reason]:
    reasons = []
    keys = [(cell.participant_id, cell.pocket, cell.quarter) for cell in funding]
    if len(set(keys)) < len(keys):
        reasons.append(
            Reason(
                code="cell-twice",
                en="A participant, pocket and quarter has one amount.",
                fr="Un participant, une enveloppe et un trimestre n’ont qu’un montant.",
                field="funding",
            )
        )
    if any(
        cell.quarter.ends_on < proposal.starts_on or cell.quarter.starts_on > proposal.ends_on
        for cell in funding
    ):
        reasons.append(
            Reason(
                code="outside-the-project",
                en="Money is planned for quarters in which the project runs.",
                fr="L’argent se prévoit pour des trimestres où le projet est en cours.",
                field="funding",
                accepted={"starts_on": str(proposal.starts_on), "ends_on": str(proposal.ends_on)},
            )
        )
    if not funding or any(cell.amount.cents <= 0 for cell in funding):
        reasons.append(
            Reason(
                code="nothing-granted",
                en="An award grants something, and every amount in it is positive.",
                fr="Une décision de financement accorde quelque chose, par montants positifs.",
                field="funding",
            )
        )
    return reasons


def _by_participant_and_pocket(
    cells: tuple[FundingCell, ...],
) -> dict[tuple[UUID, str], Money]:
    totals: dict[tuple[UUID, str], Money] = {}
    for cell in cells:
        key = (cell.participant_id, cell.pocket)
        totals[key] = totals.get(key, ZERO) + cell.amount
    return totals
