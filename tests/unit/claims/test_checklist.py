from dataclasses import replace
from uuid import UUID

import pytest

from services.claims.domain.changes import BudgetMove, ParticipantWithdrawal
from services.claims.domain.checklist import (
    IpAlreadyDeclared,
    RequirementNotAsked,
    checklist,
)
from services.claims.domain.claim import NotYourOrganisation
from services.claims.domain.commands import (
    AcceptReport,
    AgreementCommand,
    CompleteProject,
    DeclareIp,
    DeclareNoIp,
    MeetRequirement,
    SubmitReport,
    SuspendAgreement,
)
from services.claims.domain.events import IpDeclared, NoIpDeclared, ProjectCompleted
from services.claims.domain.standing import AgreementNotInForce, DecidedByRecipient
from services.claims.domain.values import ClosingRequirement, IntellectualProperty, IpKind
from shared.kernel.identifiers import derived_id
from tests.unit.claims.advances import IN_FORCE as ADVANCING
from tests.unit.claims.advances import (
    PAID,
    asking,
    asking_back,
    giving_up,
    granting,
    refusing,
)
from tests.unit.claims.scenario import (
    ADOPTER,
    ADOPTER_ORG,
    OFFICER,
    PREPARER,
    PROVIDER,
    PROVIDER_ORG,
    SIGNATORY,
    T1,
    T2,
    TERMS,
    TODAY,
    accepted,
    agreement_after,
    amending,
    approved_claim,
    cell,
    claiming,
    drafting,
    executed,
    form,
    paying,
    proposing,
    scenario,
)

ALL = tuple(ClosingRequirement)
SHOWN = (
    ClosingRequirement.FINAL_REPORT,
    ClosingRequirement.AUDIT,
    ClosingRequirement.EQUIPMENT_DISPOSAL,
)
IN_FORCE = executed(terms=replace(TERMS, closing_requirements=ALL))
FINAL_CLAIM = approved_claim(replace(form(), final=True))
COMPLETION = CompleteProject(completed_on=TODAY, by=OFFICER, on=TODAY)
MADE = IntellectualProperty(
    title="A forecast",
    kind=IpKind.PATENT,
    owner_organisation_id=ADOPTER_ORG,
    canadian_owned=True,
    reuse_allowed=True,
    commercialised=False,
)


def meeting(
    requirement: ClosingRequirement, by: str = OFFICER, organisation_id: UUID | None = None
) -> MeetRequirement:
    return MeetRequirement(
        requirement=requirement,
        document_sha256="0" * 64,
        met_on=TODAY,
        by=by,
        by_organisation_id=organisation_id,
        on=TODAY,
    )


def declaring(organisation_id: UUID = ADOPTER_ORG) -> DeclareIp:
    return DeclareIp(
        declaration_id=derived_id("ip", "one"),
        participant_id=ADOPTER,
        intellectual_property=MADE,
        by=PREPARER,
        by_organisation_id=organisation_id,
        on=TODAY,
    )


def declaring_none(
    participant_id: UUID = PROVIDER, organisation_id: UUID = PROVIDER_ORG
) -> DeclareNoIp:
    return DeclareNoIp(
        participant_id=participant_id, by="p", by_organisation_id=organisation_id, on=TODAY
    )


DECLARED: tuple[AgreementCommand, ...] = (
    *(meeting(each) for each in SHOWN),
    declaring(),
    declaring_none(),
)
EVERYTHING = (*FINAL_CLAIM, *DECLARED)


class TestTheChecklist:
    def test_names_everything_that_is_missing_at_once(self) -> None:
        """An officer learns in one answer what a project still has to show."""
        suspending = SuspendAgreement(
            suspended_on=TODAY, reason="audit", costs_eligible=False, by=OFFICER, on=TODAY
        )
        waiting = proposing(BudgetMove(funding=(cell(T1, -1), cell(T2, 1))))
        scenario(
            given=[*IN_FORCE, claiming(form()), waiting, suspending],
            when=COMPLETION,
            then="claims-still-open amendments-still-open agreement-is-suspended "
            "final-claims-missing requirement-missing ip-declarations-missing "
            "requirement-missing requirement-missing",
        )

    def test_is_done(self) -> None:
        """With everything shown the project completes."""
        *_, completed = accepted([*IN_FORCE, *EVERYTHING], COMPLETION)
        assert isinstance(completed, ProjectCompleted)

    def test_misses_a_final_claim(self) -> None:
        """A claim that is not the last one keeps a project open."""
        given = [*IN_FORCE, *approved_claim(form()), *DECLARED]
        scenario(given=given, when=COMPLETION, then="final-claims-missing")

    @pytest.mark.parametrize(
        ("without", "code"),
        [*enumerate(["requirement-missing"] * 3), (3, "ip-declarations-missing")],
    )
    def test_misses_one_thing(self, without: int, code: str) -> None:
        """Every single item keeps a project open."""
        shown = [each for index, each in enumerate(DECLARED) if index != without]
        scenario(given=[*IN_FORCE, *FINAL_CLAIM, *shown], when=COMPLETION, then=code)

    def test_takes_the_accepted_final_reports(self) -> None:
        """Where every participant's final report is accepted nobody confirms it again."""
        given = [*IN_FORCE, *FINAL_CLAIM, *DECLARED[1:]]
        for one, organisation in ((ADOPTER, ADOPTER_ORG), (PROVIDER, PROVIDER_ORG)):
            scenario(given=given, when=COMPLETION, then="requirement-missing")
            report = SubmitReport(
                participant_id=one,
                quarter=None,
                text="It works.",
                document_sha256=None,
                by=PREPARER,
                by_organisation_id=organisation,
                on=TODAY,
            )
            accept = AcceptReport(participant_id=one, quarter=None, by=OFFICER, on=TODAY)
            given += [report, accept]
        assert accepted(given, COMPLETION)

    @pytest.mark.parametrize("given", [(asking(),), (asking(), granting()), PAID])
    def test_of_an_advance_that_is_not_settled(self, given: tuple[AgreementCommand, ...]) -> None:
        """An advance that waits, is owed or is not accounted for keeps a project open."""
        scenario(given=[*ADVANCING, *given], when=COMPLETION, then="advances-unsettled")
        leave = ParticipantWithdrawal(participant_id=ADOPTER)
        scenario(
            given=[*ADVANCING, *given],
            when=proposing(leave),
            then="advances-of-participant-unsettled",
        )

    def test_of_an_advance_that_was_refused(self) -> None:
        """What will never be paid is no advance."""
        assert accepted([*ADVANCING, asking(), refusing()], COMPLETION)

    def test_of_money_that_is_owed_back(self) -> None:
        """A debt keeps a project open until it is paid back or given up."""
        given = [*executed(), *approved_claim(form()), *paying(), asking_back()]
        scenario(given=given, when=COMPLETION, then="recoveries-outstanding")
        assert accepted([*given, giving_up()], COMPLETION)

    def test_of_a_programme_that_asks_nothing(self) -> None:
        """Only claims and amendments are asked of every project."""
        items = checklist(agreement_after(*executed(), *approved_claim(form())))
        assert [item.code for item in items] == [
            "claims-decided",
            "amendments-decided",
            "not-suspended",
            "advances-settled",
            "recoveries-settled",
        ]
        assert accepted([*executed(), *approved_claim(form())], COMPLETION)

    def test_asks_nothing_of_a_participant_that_left(self) -> None:
        """Who left declares nothing; impact does not follow it either."""
        leave = amending(ParticipantWithdrawal(participant_id=PROVIDER))
        given = [*IN_FORCE, *leave, *EVERYTHING[:-1]]
        *_, completed = accepted(given, COMPLETION)
        assert isinstance(completed, ProjectCompleted)
        assert [one.participant_id for one in completed.participants] == [ADOPTER]


class TestARequirement:
    def test_is_confirmed_by_somebody_who_receives_nothing(self) -> None:
        """A recipient does not confirm its own report."""
        requirement = ClosingRequirement.FINAL_REPORT
        for command in (
            meeting(requirement, SIGNATORY),
            meeting(requirement, organisation_id=ADOPTER_ORG),
        ):
            scenario(given=IN_FORCE, when=command, then=DecidedByRecipient)

    def test_is_one_of_the_programme_s(self) -> None:
        """What is not asked, or is declared and not shown, is not confirmed."""
        audit = meeting(ClosingRequirement.AUDIT)
        scenario(given=executed(), when=audit, then=RequirementNotAsked)
        declared = meeting(ClosingRequirement.IP_DECLARATIONS)
        scenario(given=IN_FORCE, when=declared, then=RequirementNotAsked)

    def test_is_met_once_and_after_the_start(self) -> None:
        """Confirming again changes nothing; a draft has nothing to close."""
        audit = meeting(ClosingRequirement.AUDIT)
        scenario(given=[*IN_FORCE, audit], when=audit, then=[])
        scenario(given=[drafting()], when=audit, then=AgreementNotInForce)


class TestIntellectualProperty:
    def test_is_declared_by_the_participant(self) -> None:
        """A declaration is made for one's own organisation, once."""
        (declared,) = accepted(IN_FORCE, declaring())
        assert isinstance(declared, IpDeclared)
        assert declared.intellectual_property == MADE
        scenario(given=[*IN_FORCE, declaring()], when=declaring(), then=[])
        scenario(given=IN_FORCE, when=declaring(PROVIDER_ORG), then=NotYourOrganisation)
        scenario(given=[drafting()], when=declaring(), then=AgreementNotInForce)

    def test_may_be_declared_to_be_none(self) -> None:
        """None, by the participant and once; some that is found later takes its place."""
        none = declaring_none(ADOPTER, ADOPTER_ORG)
        (declared,) = accepted(IN_FORCE, none)
        assert isinstance(declared, NoIpDeclared)
        scenario(given=[*IN_FORCE, none], when=none, then=[])
        wrong = declaring_none(ADOPTER, PROVIDER_ORG)
        scenario(given=IN_FORCE, when=wrong, then=NotYourOrganisation)
        assert agreement_after(*IN_FORCE, none, declaring()).no_ip_declared == frozenset()
        scenario(given=[*IN_FORCE, declaring()], when=none, then=IpAlreadyDeclared)
