"""What other services say, as the service hears it."""

from datetime import date
from uuid import UUID, uuid4

from shared.contracts.base import Party
from shared.contracts.claims import (
    AgreementAmended,
    AgreementExecuted,
    IncreaseProposed,
    IncreaseWithdrawn,
)
from shared.contracts.finance import PocketChanged
from shared.contracts.intake import ApplicationForwarded, ScoredCriterion
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.unit.selection.examples import (
    ADOPTER,
    APRIL_3,
    AWARD,
    FUNDING,
    ISED,
    MEIE,
    PROPOSAL,
    ROBOTS,
    cell,
)

MAY_1 = date(2023, 5, 1)
MAY_MEETING = derived_id("meeting", "may")
AGREEMENT = derived_id("agreement", AWARD)
JULY_3 = date(2023, 7, 3)


def forwarded(
    application_id: UUID = ROBOTS, programme_code: str = "IND-P2"
) -> ApplicationForwarded:
    return ApplicationForwarded(
        effective_on=APRIL_3,
        project_id=application_id,
        programme_code=programme_code,
        programme_version=1,
        title=PROPOSAL.title,
        lead_organisation_id=PROPOSAL.lead_organisation_id,
        participants=tuple(
            Party(
                participant_id=each.participant_id,
                organisation_id=each.organisation_id,
                role=each.role,
                name=each.name,
                province=each.province,
                sme=each.sme,
            )
            for each in PROPOSAL.participants
        ),
        starts_on=PROPOSAL.starts_on,
        ends_on=PROPOSAL.ends_on,
        funding=FUNDING,
        match=PROPOSAL.match,
        scores=tuple(
            ScoredCriterion(criterion=each.criterion, score=each.score, out_of=each.out_of)
            for each in PROPOSAL.scores
        ),
        summary=PROPOSAL.summary,
    )


def granted(pocket: str, dollars: int) -> PocketChanged:
    return PocketChanged(
        effective_on=APRIL_3,
        pocket=pocket,
        funder=pocket[:4],
        funder_agreement=pocket[:7],
        authority=Money(dollars * 100),
    )


def executed(*, more: int = 0) -> AgreementExecuted:
    first, *others = FUNDING
    funding = (cell(ADOPTER, ISED, "2024-T1", 30_000 + more), *others)
    assert funding[0].quarter == first.quarter
    return AgreementExecuted(
        effective_on=JULY_3,
        project_id=ROBOTS,
        agreement_id=AGREEMENT,
        programme_code="IND-P2",
        award_id=AWARD,
        participants=(),
        starts_on=PROPOSAL.starts_on,
        ends_on=PROPOSAL.ends_on,
        funding=funding,
        match=PROPOSAL.match,
    )


def amended(dollars: int, amendment_id: UUID | None = None) -> AgreementAmended:
    return AgreementAmended(
        effective_on=JULY_3,
        project_id=ROBOTS,
        agreement_id=AGREEMENT,
        programme_code="IND-P2",
        amendment_id=amendment_id or uuid4(),
        kind="increase" if dollars > 0 else "reduction",
        ends_on=PROPOSAL.ends_on,
        funding=(cell(ADOPTER, ISED, "2024-T4", dollars),),
        match=(),
    )


AMENDMENT = derived_id("amendment", AGREEMENT)


def increase_proposed(dollars: int, meie: int = 0) -> IncreaseProposed:
    funding = [cell(ADOPTER, ISED, "2024-T4", dollars)]
    if meie:
        funding.append(cell(ADOPTER, MEIE, "2024-T4", meie))
    return IncreaseProposed(
        effective_on=JULY_3,
        project_id=ROBOTS,
        agreement_id=AGREEMENT,
        programme_code="IND-P2",
        amendment_id=AMENDMENT,
        funding=tuple(funding),
    )


def increase_withdrawn(dollars: int) -> IncreaseWithdrawn:
    return IncreaseWithdrawn(
        effective_on=JULY_3,
        project_id=ROBOTS,
        agreement_id=AGREEMENT,
        programme_code="IND-P2",
        amendment_id=AMENDMENT,
        funding=(cell(ADOPTER, ISED, "2024-T4", dollars),),
    )
