"""One agreement, the people around it, and the words tests use: given, when, then."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from services.claims.domain.agreement import DECIDER
from services.claims.domain.changes import Change
from services.claims.domain.commands import (
    AgreementCommand,
    AnswerQuery,
    ApproveAmendment,
    ApproveClaim,
    AssessClaim,
    CertifyClaim,
    DisbursePayment,
    DraftAgreement,
    DraftClaim,
    ExecuteAgreement,
    NoteIncreaseReserved,
    ProposeAmendment,
    QueryClaim,
    SchedulePayment,
    SendBackClaim,
    SignAgreement,
    SignAmendment,
)
from services.claims.domain.events import AgreementEvent, MoneyFact
from services.claims.domain.state import Agreement
from services.claims.domain.values import (
    AcceptedLine,
    ClaimForm,
    ClaimFrequency,
    ClaimLine,
    DuplicateOf,
    ForecastLine,
    Party,
    ProgrammeTerms,
    Question,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from shared.kernel.schedule import FundingCell, MatchCell

ISED, MEIE = "ISED-P1", "MEIE-P1"
T1, T2, T3, T4 = Quarter.all_of(2024)
NEXT_T1 = Quarter(2025, 1)

ADOPTER_ORG, PROVIDER_ORG, STRANGER_ORG = (
    derived_id("organisation", name) for name in ("adopter", "provider", "stranger")
)
ADOPTER, PROVIDER = derived_id("participant", "adopter"), derived_id("participant", "provider")
PROJECT, AWARD = derived_id("project"), derived_id("award")
CLAIM, OTHER_CLAIM = derived_id("claim", "one"), derived_id("claim", "other")
PAYMENT = derived_id("payment", "one")
RUN = derived_id("payment-run", "one")
AMENDMENT = derived_id("amendment", "one")

PREPARER, SIGNATORY, OFFICER, MANAGER = "preparer", "signatory", "off", "manager"
ASSESSOR, APPROVER, PAYER = "assessor", "approver", "payer"
QUERY = derived_id("query", "one")

APPROVED_ON = date(2023, 3, 1)
EXECUTED_ON = date(2023, 4, 3)
TODAY = date(2024, 6, 30)
"""Late enough for every period of the tests to be over."""

TERMS = ProgrammeTerms(
    version=1,
    reimbursement_rate_bp=4_000,
    holdback_bp=1_000,
    claim_frequency=ClaimFrequency.QUARTERLY,
    cost_categories=("labour", "equipment"),
)


def party(participant_id: UUID, organisation_id: UUID, role: str) -> Party:
    return Party(
        participant_id=participant_id,
        organisation_id=organisation_id,
        role=role,
        name=role.title(),
        province="QC",
        sme=False,
    )


def cell(
    quarter: Quarter, cents: int, *, pocket: str = ISED, participant: UUID = ADOPTER
) -> FundingCell:
    return FundingCell(
        participant_id=participant, pocket=pocket, quarter=quarter, amount=Money(cents)
    )


def match_cell(
    quarter: Quarter, cash: int, in_kind: int = 0, participant: UUID = ADOPTER
) -> MatchCell:
    return MatchCell(
        participant_id=participant, quarter=quarter, cash=Money(cash), in_kind=Money(in_kind)
    )


def drafting(
    *,
    funding: Iterable[FundingCell] = (cell(T1, 400_00), cell(T2, 400_00)),
    match: Iterable[MatchCell] = (match_cell(T1, 600_00), match_cell(T2, 600_00)),
    terms: ProgrammeTerms = TERMS,
) -> DraftAgreement:
    """An adopter with two quarters of 400 public to 600 own dollars, and a provider with none."""
    return DraftAgreement(
        project_id=PROJECT,
        programme_code="IND-P1",
        award_id=AWARD,
        title="Forecasting of returns",
        participants=(
            party(ADOPTER, ADOPTER_ORG, "lead"),
            party(PROVIDER, PROVIDER_ORG, "ai-provider"),
        ),
        starts_on=date(2023, 4, 1),
        ends_on=date(2024, 6, 30),
        funding=tuple(funding),
        match=tuple(match),
        terms=terms,
        lapses_on=date(2023, 6, 30),
        on=APPROVED_ON,
    )


def signing(participant_id: UUID, organisation_id: UUID | None) -> SignAgreement:
    return SignAgreement(
        participant_id=participant_id,
        by=SIGNATORY,
        by_organisation_id=organisation_id,
        on=EXECUTED_ON,
    )


SIGNATURES = (signing(ADOPTER, ADOPTER_ORG), signing(PROVIDER, PROVIDER_ORG))
EXECUTION = ExecuteAgreement(executed_on=EXECUTED_ON, by=OFFICER, on=EXECUTED_ON)


def executed(
    *,
    funding: Iterable[FundingCell] = (cell(T1, 400_00), cell(T2, 400_00)),
    match: Iterable[MatchCell] = (match_cell(T1, 600_00), match_cell(T2, 600_00)),
    terms: ProgrammeTerms = TERMS,
) -> tuple[AgreementCommand, ...]:
    """What leads to an agreement in force."""
    return (drafting(funding=funding, match=match, terms=terms), *SIGNATURES, EXECUTION)


def line(
    cash: int = 500_00,
    *,
    in_kind: int = 0,
    category: str = "labour",
    incurred: tuple[date, date] | None = None,
    paid_on: date | None = date(2023, 6, 30),
    period: Quarter = T1,
) -> ClaimLine:
    starts_on, ends_on = incurred or (period.starts_on, period.ends_on)
    return ClaimLine(
        category=category,
        cash=Money(cash),
        in_kind=Money(in_kind),
        incurred_from=starts_on,
        incurred_to=ends_on,
        paid_on=paid_on,
    )


def form(
    *lines: ClaimLine,
    period: Quarter = T1,
    starts_on: date | None = None,
    ends_on: date | None = None,
    participant: UUID = ADOPTER,
    forecast: Iterable[tuple[Quarter, int]] | None = None,
) -> ClaimForm:
    return ClaimForm(
        participant_id=participant,
        period_starts_on=starts_on or period.starts_on,
        period_ends_on=ends_on or period.ends_on,
        lines=lines or (line(period=period),),
        forecast=None
        if forecast is None
        else tuple(ForecastLine(quarter=each, amount=Money(cents)) for each, cents in forecast),
    )


def claiming(
    what: ClaimForm,
    *,
    claim_id: UUID = CLAIM,
    by: str = PREPARER,
    organisation_id: UUID | None = ADOPTER_ORG,
    on: date = TODAY,
) -> DraftClaim:
    return DraftClaim(
        claim_id=claim_id, form=what, by=by, by_organisation_id=organisation_id, on=on
    )


def certifying(
    claim_id: UUID = CLAIM,
    *,
    by: str = SIGNATORY,
    organisation_id: UUID | None = ADOPTER_ORG,
    on: date = TODAY,
) -> CertifyClaim:
    return CertifyClaim(claim_id=claim_id, by=by, by_organisation_id=organisation_id, on=on)


def querying(
    claim_id: UUID = CLAIM,
    *questions: Question,
    query_id: UUID = QUERY,
    by: str = ASSESSOR,
    on: date = TODAY,
) -> QueryClaim:
    return QueryClaim(
        claim_id=claim_id,
        query_id=query_id,
        questions=questions or (Question(text="What was it for?"),),
        by=by,
        on=on,
    )


def answering(
    what: ClaimForm | None = None,
    *,
    claim_id: UUID = CLAIM,
    query_id: UUID = QUERY,
    by: str = PREPARER,
    organisation_id: UUID | None = ADOPTER_ORG,
    on: date = TODAY,
) -> AnswerQuery:
    return AnswerQuery(
        claim_id=claim_id,
        query_id=query_id,
        text="For the project.",
        form=what,
        by=by,
        by_organisation_id=organisation_id,
        on=on,
    )


def assessing(
    claim_id: UUID = CLAIM,
    *accepted: AcceptedLine,
    suspected: tuple[DuplicateOf, ...] = (),
    by: str = ASSESSOR,
    on: date = TODAY,
) -> AssessClaim:
    return AssessClaim(claim_id=claim_id, accepted=accepted, suspected=suspected, by=by, on=on)


def sending_back(claim_id: UUID = CLAIM, *, by: str = APPROVER, on: date = TODAY) -> SendBackClaim:
    return SendBackClaim(claim_id=claim_id, reason="look at line 0 again", by=by, on=on)


def approving(
    claim_id: UUID = CLAIM,
    *,
    suspected: tuple[DuplicateOf, ...] = (),
    by: str = APPROVER,
    by_roles: tuple[str, ...] = ("claims-approver",),
    on: date = TODAY,
) -> ApproveClaim:
    return ApproveClaim(claim_id=claim_id, suspected=suspected, by=by, by_roles=by_roles, on=on)


def scheduling(
    payable_id: UUID = CLAIM,
    *,
    payment_id: UUID = PAYMENT,
    run_id: UUID = RUN,
    by: str = PAYER,
    on: date = TODAY,
) -> SchedulePayment:
    return SchedulePayment(
        payment_id=payment_id, run_id=run_id, payable_id=payable_id, by=by, on=on
    )


def disbursing(
    payment_id: UUID = PAYMENT, *, by: str = PAYER, paid_on: date = TODAY
) -> DisbursePayment:
    return DisbursePayment(payment_id=payment_id, paid_on=paid_on, by=by, on=TODAY)


def paying(
    payable_id: UUID = CLAIM, *, payment_id: UUID = PAYMENT, paid_on: date = TODAY
) -> tuple[AgreementCommand, ...]:
    """All that is payable of a claim, put in a run and disbursed."""
    return (
        scheduling(payable_id, payment_id=payment_id),
        disbursing(payment_id, paid_on=paid_on),
    )


def assessed_claim(
    what: ClaimForm,
    *accepted: AcceptedLine,
    claim_id: UUID = CLAIM,
    organisation_id: UUID = ADOPTER_ORG,
) -> tuple[AgreementCommand, ...]:
    """A claim drafted, certified and assessed."""
    return (
        claiming(what, claim_id=claim_id, organisation_id=organisation_id),
        certifying(claim_id, organisation_id=organisation_id),
        assessing(claim_id, *accepted),
    )


def approved_claim(
    what: ClaimForm, *, claim_id: UUID = CLAIM, organisation_id: UUID = ADOPTER_ORG
) -> tuple[AgreementCommand, ...]:
    """A claim drafted, certified, assessed as claimed, and approved."""
    return (
        *assessed_claim(what, claim_id=claim_id, organisation_id=organisation_id),
        approving(claim_id),
    )


def proposing(
    change: Change,
    *,
    amendment_id: UUID = AMENDMENT,
    effective_on: date = TODAY,
    by: str = OFFICER,
    organisation_id: UUID | None = None,
) -> ProposeAmendment:
    return ProposeAmendment(
        amendment_id=amendment_id,
        change=change,
        effective_on=effective_on,
        reason=None,
        by=by,
        by_organisation_id=organisation_id,
        on=TODAY,
    )


def approving_amendment(
    amendment_id: UUID = AMENDMENT, *, by: str = MANAGER, organisation_id: UUID | None = None
) -> ApproveAmendment:
    return ApproveAmendment(
        amendment_id=amendment_id, by=by, by_organisation_id=organisation_id, on=TODAY
    )


def signing_amendment(
    amendment_id: UUID = AMENDMENT, *, organisation_id: UUID | None = STRANGER_ORG
) -> SignAmendment:
    return SignAmendment(
        amendment_id=amendment_id, by=SIGNATORY, by_organisation_id=organisation_id, on=TODAY
    )


def reserving(amendment_id: UUID = AMENDMENT) -> NoteIncreaseReserved:
    return NoteIncreaseReserved(amendment_id=amendment_id, on=TODAY)


def amending(
    change: Change, *, amendment_id: UUID = AMENDMENT, effective_on: date = TODAY
) -> tuple[AgreementCommand, ...]:
    """A change proposed by one officer, reserved where it needs that, and approved by another."""
    return (
        proposing(change, amendment_id=amendment_id, effective_on=effective_on),
        reserving(amendment_id),
        approving_amendment(amendment_id),
    )


def happened(*commands: AgreementCommand) -> list[AgreementEvent]:
    """The events that follow from commands, one after the other."""
    events: list[AgreementEvent] = []
    for command in commands:
        events += DECIDER.decide(command, DECIDER.fold(events))
    return events


def agreement_after(*commands: AgreementCommand) -> Agreement:
    """The agreement after commands."""
    state = DECIDER.fold(happened(*commands))
    assert isinstance(state, Agreement)
    assert_identity(state)
    return state


def scenario(
    *,
    given: Sequence[AgreementCommand],
    when: AgreementCommand,
    then: Sequence[AgreementEvent] | type[Refusal] | str,
) -> None:
    """
    Decide ``when`` on what follows from ``given``.

    ``then`` are exactly the events, or the class of the refusal, or (a text) the codes of all
    reasons of a refusal that collects them, separated by blanks.
    """
    state = DECIDER.fold(happened(*given))
    if isinstance(then, str):
        with pytest.raises(Refusal) as refused:
            DECIDER.decide(when, state)
        assert [reason.code for reason in refused.value.reasons] == then.split()
    elif isinstance(then, type):
        with pytest.raises(then):
            DECIDER.decide(when, state)
    else:
        assert told(DECIDER.decide(when, state)) == list(then)


def accepted(given: Sequence[AgreementCommand], when: AgreementCommand) -> list[AgreementEvent]:
    """The events of a command that is not refused."""
    return told(DECIDER.decide(when, DECIDER.fold(happened(*given))))


def told(events: Iterable[AgreementEvent]) -> list[AgreementEvent]:
    """Events without the balances after them, which follow from everything before them."""
    return [
        replace(event, balances_after=()) if isinstance(event, MoneyFact) else event
        for event in events
    ]


def assert_identity(agreement: Agreement) -> None:
    """Contracted = committed + payable + held back + paid + released, wherever one looks."""
    everybody = agreement.balances()
    for balances in (everybody, *(agreement.balances(one) for one in agreement.participants)):
        for pocket, balance in balances.items():
            standing = (
                balance.committed,
                balance.payable,
                balance.held_back,
                balance.paid,
                balance.released,
            )
            assert sum(each.cents for each in standing) == balance.contracted.cents, pocket
            assert all(each >= ZERO for each in standing), (pocket, balance)
    assert all(amount > ZERO for cells in agreement.committed.values() for amount in cells.values())
