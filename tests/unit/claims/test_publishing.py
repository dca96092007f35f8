import json
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest

from services.claims.domain import events
from services.claims.domain.bank_account import BankAccountEvent
from services.claims.domain.changes import BudgetMove, Change, Increase, ParticipantAddition
from services.claims.domain.commands import (
    AcceptReport,
    AgreementCommand,
    AssignClaim,
    CancelPayment,
    CompleteProject,
    ConfirmCondition,
    DeclareIp,
    DeclareNoIp,
    LapseAgreement,
    MarkAdvanceOverdue,
    MeetRequirement,
    NoteIncreaseRefused,
    OverrideRates,
    RedraftClaim,
    RejectAmendment,
    ResumeAgreement,
    ReturnPayment,
    ReturnReport,
    SetBudget,
    SetCondition,
    SubmitReport,
    SuspendAgreement,
    TerminateAgreement,
    WaiveCondition,
    WithdrawAmendment,
    WithdrawClaim,
)
from services.claims.domain.payment_run_life import PaymentRunEvent
from services.claims.domain.values import (
    BudgetLine,
    Claimant,
    ClosingRequirement,
    ConditionDue,
    IntellectualProperty,
    IpKind,
    Occasion,
    RateOverride,
)
from services.claims.use_cases.event_types import EVENT_TYPES
from services.claims.use_cases.publishing import to_contract
from shared.contracts import claims as contracts
from shared.contracts.base import Contract
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money
from tests.contracts.snapshots import contracts as all_contracts
from tests.unit.claims.advances import (
    ADVANCE,
    OTHER_ADVANCE,
    PAID,
    PAYMENT_OF_ADVANCE,
    asking,
    asking_back,
    cancelling,
    giving_up,
    granting,
    lived,
    receiving,
    refusing,
    withdrawing,
    writing_off,
)
from tests.unit.claims.advances import proposing as proposing_write_off
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    ASSESSOR,
    CLAIM,
    ISED,
    OFFICER,
    OTHER_CLAIM,
    PAYMENT,
    PREPARER,
    PROJECT,
    STRANGER_ORG,
    T1,
    T2,
    T3,
    TERMS,
    TODAY,
    amending,
    answering,
    approved_claim,
    approving,
    approving_amendment,
    assessing,
    cell,
    certifying,
    claiming,
    drafting,
    executed,
    form,
    happened,
    line,
    party,
    paying,
    proposing,
    querying,
    reserving,
    scheduling,
    sending_back,
    signing_amendment,
)

PRIVATE = {
    events.AgreementDrafted,
    events.AgreementSigned,
    events.AgreementLapsed,
    events.ClaimDrafted,
    events.ClaimRedrafted,
    events.ClaimWithdrawn,
    events.ClaimCertified,
    events.ClaimAssigned,
    events.ClaimQueried,
    events.ClaimQueryAnswered,
    events.ClaimAssessed,
    events.ClaimSentBack,
    events.RatesOverridden,
    events.AgreementTerminated,
    events.PaymentScheduled,
    events.PaymentCancelled,
    events.ReportsExpected,
    events.ReportSubmitted,
    events.ReportAccepted,
    events.ReportReturned,
    events.AdvanceRequested,
    events.AdvanceRefused,
    events.AdvanceWithdrawn,
    events.AdvanceMarkedOverdue,
    events.RecoveryWriteOffProposed,
    events.ClaimPeriodOpened,
    events.ClaimPeriodRescheduled,
    events.ClaimPeriodCancelled,
    events.ClaimPeriodReminded,
    events.DocumentRequested,
    events.DocumentSupplied,
    events.BudgetSet,
    events.ConditionSet,
    events.ConditionMet,
    events.ConditionWaived,
    events.AmendmentSigned,
    events.AmendmentApproved,
    events.IncreaseReserved,
    events.IncreaseRefused,
    events.AgreementSuspended,
    events.AgreementResumed,
    events.RequirementMet,
    events.NoIpDeclared,
}
"""Nobody else's business; what a termination gives back is told by its own event."""

AGREEMENT_ID = derived_id("agreement", "one")


def recorded(event: Any) -> Recorded:
    return Recorded(
        position=1,
        event_id=uuid4(),
        stream=Stream("agreement", AGREEMENT_ID),
        version=1,
        type="",
        event=event,
        context=Context(
            command_id=uuid4(),
            actor=Actor(id="person"),
            correlation_id=uuid4(),
            causation_id=uuid4(),
        ),
        recorded_at=datetime(2024, 6, 30, tzinfo=UTC),
    )


def lives() -> list[events.AgreementEvent | events.ProgrammeEvent]:
    """Events of every type, from lives that went different ways."""
    redraft = RedraftClaim(
        claim_id=OTHER_CLAIM,
        form=form(line(1_00, period=T2), period=T2),
        by=PREPARER,
        by_organisation_id=ADOPTER_ORG,
        on=TODAY,
    )
    withdrawal = WithdrawClaim(
        claim_id=OTHER_CLAIM, reason="no", by=PREPARER, by_organisation_id=ADOPTER_ORG, on=TODAY
    )
    completed: tuple[AgreementCommand, ...] = (
        *executed(),
        OverrideRates(
            overrides=(RateOverride(participant_id=ADOPTER, rate_bp=1_000, quarter=T3),),
            reason="agreed",
            by=OFFICER,
            on=TODAY,
        ),
        claiming(form()),
        certifying(),
        AssignClaim(claim_id=CLAIM, assigned_to=ASSESSOR, by="head", on=TODAY),
        querying(),
        answering(form(forecast=[(T2, 100_00), (T3, 500_00)])),
        certifying(),
        assessing(),
        sending_back(),
        assessing(),
        approving(),
        claiming(form(period=T2), claim_id=OTHER_CLAIM),
        redraft,
        withdrawal,
        *amending(BudgetMove(funding=(cell(T2, -1_00), cell(T3, 1_00)))),
        *paying(),
        ReturnPayment(payment_id=PAYMENT, returned_on=TODAY, reason="closed", on=TODAY),
        CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY),
    )
    termination = TerminateAgreement(terminated_on=TODAY, reason="end", by=OFFICER, on=TODAY)
    failed: tuple[AgreementCommand, ...] = (
        *executed(),
        *approved_claim(form()),
        scheduling(),
        CancelPayment(payment_id=PAYMENT, reason="closed", on=TODAY),
    )
    report = SubmitReport(
        participant_id=ADOPTER,
        quarter=T1,
        text="Done.",
        document_sha256=None,
        by=PREPARER,
        by_organisation_id=ADOPTER_ORG,
        on=TODAY,
    )
    about = {"participant_id": ADOPTER, "quarter": T1, "by": OFFICER, "on": TODAY}
    reported: tuple[AgreementCommand, ...] = (
        *executed(terms=replace(TERMS, reports_hold_payments=True)),
        report,
        ReturnReport(reason="no figures", **about),
        report,
        AcceptReport(**about),
    )
    return [
        events.ProgrammeTermsRecorded(
            effective_on=date(2022, 4, 1), programme_code="IND-P1", terms=TERMS
        ),
        *happened(*completed),
        *happened(*failed),
        *happened(*reported),
        *happened(
            *executed(), *approved_claim(form()), *paying(), replace(termination, recovery="all")
        ),
        *happened(*beside_the_money()),
        *happened(drafting(), LapseAgreement(reason="late", on=TODAY)),
        *advances_and_recoveries(),
        *of_the_calendar(),
    ]


def of_the_calendar() -> list[events.AgreementEvent]:
    """A period is opened, moved, reminded of and cancelled; a document is asked for."""
    about: dict[str, Any] = {
        "effective_on": TODAY,
        "project_id": PROJECT,
        "programme_code": "IND-P1",
    }
    claimant = Claimant(participant_id=ADOPTER, organisation_id=ADOPTER_ORG)
    period = about | {"period_starts_on": T1.starts_on, "participants": (claimant,)}
    until: dict[str, Any] = {"period_ends_on": T1.ends_on, "due_on": TODAY}
    line = about | {"claim_id": CLAIM, "participant_id": ADOPTER, "line": 0}
    return [
        events.ClaimPeriodOpened(**period, **until),
        events.ClaimPeriodRescheduled(**period, **until),
        events.ClaimPeriodReminded(**period, **until, occasion=Occasion.DUE),
        events.ClaimPeriodCancelled(**period),
        events.DocumentRequested(**line, note=None, requested_by=OFFICER),
        events.DocumentSupplied(**line, document_sha256="0" * 64, supplied_by=PREPARER),
    ]


def advances_and_recoveries() -> list[events.AgreementEvent]:
    """Advances that were granted and not, paid and returned; what was paid, asked back."""
    back = ReturnPayment(
        payment_id=PAYMENT_OF_ADVANCE, returned_on=TODAY, reason="closed", on=TODAY
    )
    again = asking(advance_id=OTHER_ADVANCE)
    paid = (*approved_claim(form()), *paying())
    asked = (*paid, asking_back())
    return [
        *lived(asking(), refusing(), again, granting(OTHER_ADVANCE), cancelling(OTHER_ADVANCE)),
        *lived(asking(), withdrawing()),
        *lived(*PAID, MarkAdvanceOverdue(advance_id=ADVANCE, on=date(2023, 8, 15))),
        *lived(*PAID, back),
        *lived(*asked, receiving(10_00), proposing_write_off(), writing_off()),
        *lived(*asked, giving_up()),
    ]


def _pays_an_advance(event: Any) -> bool:
    is_payment = isinstance(event, events.PaymentDisbursed | events.PaymentReturned)
    return is_payment and event.advance_id is not None


def beside_the_money() -> tuple[AgreementCommand, ...]:
    """A budget, conditions, amendments of every outcome, a pause and a closing checklist."""
    terms = replace(TERMS, closing_requirements=(ClosingRequirement.AUDIT,))
    draft, *signatures, execution = executed(terms=terms)
    first, second = derived_id("condition", 1), derived_id("condition", 2)
    newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
    increase = Increase(funding=(cell(T3, 1_00),))
    refused, rejected = derived_id("amendment", "refused"), derived_id("amendment", "rejected")
    officer: dict[str, Any] = {"by": OFFICER, "on": TODAY}
    another: dict[str, Any] = {"by": "manager", "by_organisation_id": None, "on": TODAY}
    recipient: dict[str, Any] = {
        "by": PREPARER,
        "by_organisation_id": ADOPTER_ORG,
        "participant_id": ADOPTER,
        "on": TODAY,
    }
    budget = BudgetLine(participant_id=ADOPTER, category="labour", cash=Money(2_000_00))
    made = IntellectualProperty(
        title="A forecast",
        kind=IpKind.COPYRIGHT,
        owner_organisation_id=ADOPTER_ORG,
        canadian_owned=True,
        reuse_allowed=True,
        commercialised=False,
    )

    def condition(condition_id: UUID, code: str) -> SetCondition:
        return SetCondition(
            condition_id=condition_id,
            code=code,
            text_en="A plan",
            text_fr="Un plan",
            due=ConditionDue.BEFORE_EXECUTION,
            due_on=None,
            **officer,
        )

    return (
        draft,
        SetBudget(lines=(budget,), **officer),
        condition(first, "first"),
        condition(second, "second"),
        ConfirmCondition(condition_id=first, met_on=TODAY, document_sha256="0" * 64, **another),
        WaiveCondition(condition_id=second, reason="no need", **another),
        *signatures,
        execution,
        proposing(ParticipantAddition(party=newcomer)),
        signing_amendment(),
        approving_amendment(),
        proposing(increased(increase), amendment_id=rejected),
        reserving(rejected),
        RejectAmendment(amendment_id=rejected, reason="no", **another),
        proposing(increased(increase), amendment_id=refused),
        NoteIncreaseRefused(amendment_id=refused, pockets=(ISED,), on=TODAY),
        WithdrawAmendment(
            amendment_id=refused, reason="no", by=OFFICER, by_organisation_id=None, on=TODAY
        ),
        SuspendAgreement(suspended_on=TODAY, reason="audit", costs_eligible=False, **officer),
        ResumeAgreement(resumed_on=TODAY, reason="cleared", **officer),
        MeetRequirement(
            requirement=ClosingRequirement.AUDIT,
            document_sha256="0" * 64,
            met_on=TODAY,
            **another,
        ),
        DeclareNoIp(**recipient),
        DeclareIp(declaration_id=derived_id("ip", 1), intellectual_property=made, **recipient),
    )


def increased(increase: Increase) -> Increase:
    """With the budget that goes with it."""
    line = BudgetLine(participant_id=ADOPTER, category="labour", cash=Money(1_00))
    return replace(increase, budget=(line,))


EVENTS = lives()
ONE_OF_EACH = {
    type(event).__name__ + (" of an advance" if _pays_an_advance(event) else ""): event
    for event in EVENTS
}
PUBLISHED = sorted(
    name for name, event in ONE_OF_EACH.items() if to_contract(recorded(event)) is not None
)


def test_every_event_is_published_or_known_to_be_private() -> None:
    """Nothing is published by accident, and nothing is forgotten."""
    published = {type(event) for event in EVENTS if to_contract(recorded(event)) is not None}
    assert published | PRIVATE == set(get_args(events.AgreementEvent))
    assert not published & PRIVATE


def test_every_contract_of_claims_is_told() -> None:
    """Each published contract has an event that becomes it."""
    told = {type(to_contract(recorded(event))) for event in EVENTS} - {type(None)}
    assert told == {each for each in all_contracts() if each.__module__ == contracts.__name__}


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_contract_says_what_the_event_says(name: str) -> None:
    """Fields of the same name have the same JSON, and every contract says whose it is."""
    event: Any = ONE_OF_EACH[name]
    contract = to_contract(recorded(event))
    assert isinstance(contract, contracts.AgreementContract)
    assert contract.agreement_id == AGREEMENT_ID
    assert contract.key == str(event.project_id)
    said = _json_of_event(event)
    for field, value in contract.model_dump(mode="json").items():
        if field != "agreement_id":
            assert value == said[field], field


def test_no_person_is_published() -> None:
    """Who did what stays inside; contracts carry no person's id, not even an opaque one."""
    people = {PREPARER, OFFICER, ASSESSOR, "signatory", "approver", "payer", "head", "manager"}
    for event in EVENTS:
        contract: Contract | None = to_contract(recorded(event))
        if contract is not None:
            assert not people & set(contract.model_dump_json().split('"'))


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_every_event_comes_back_from_its_json(name: str) -> None:
    """What is stored is what happened."""
    event = ONE_OF_EACH[name]
    assert EVENT_TYPES.decode(*EVENT_TYPES.encode(event)) == event


def test_every_event_has_a_stored_name() -> None:
    """No event of the domain is missing among the stored types."""
    of_agreements = {events.ProgrammeTermsRecorded, *get_args(events.AgreementEvent)}
    assert {each.cls for each in EVENT_TYPES} == {
        *of_agreements,
        *get_args(BankAccountEvent),
        *get_args(PaymentRunEvent),
    }
    assert {type(event) for event in EVENTS} == of_agreements


def _json_of_event(event: Any) -> dict[str, Any]:
    _, _, data = EVENT_TYPES.encode(event)
    said: dict[str, Any] = json.loads(data)
    return said


@pytest.mark.parametrize("kind", get_args(Change), ids=lambda kind: str(kind.__name__))
def test_every_kind_of_change_comes_back_from_its_json(kind: type[Change]) -> None:
    """A stored proposal is of the kind that was proposed, however alike kinds look."""
    newcomer = party(derived_id("participant", "new"), STRANGER_ORG, "other")
    said: dict[str, Any] = {
        "funding": (cell(T2, -1_00), cell(T3, 1_00)),
        "ends_on": TODAY,
        "party": newcomer,
        "participant_id": ADOPTER,
        "text_en": "Other work",
        "text_fr": "Un autre travail",
    }
    change = kind(**{each.name: said[each.name] for each in fields(kind) if each.name in said})
    event: Any = ONE_OF_EACH["AmendmentProposed"]
    event = replace(event, change=change)
    back = EVENT_TYPES.decode(*EVENT_TYPES.encode(event))
    assert back == event
    assert type(back.change) is kind
