"""The whole path over HTTP, on PostgreSQL: from a draft to what the committee decides."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.intake.domain.organisation import organisation_id_of
from services.intake.settings import SERVICE
from services.intake.use_cases.policies import HANDLERS
from services.intake.use_cases.publishing import to_contract
from shared.contracts.base import Contract
from shared.contracts.intake import ApplicationForwarded, ApplicationWithdrawn, ProgrammePublished
from shared.contracts.selection import ApplicationDeclined, AwardApproved, AwardLapsed
from shared.kernel.clock import SystemClock
from shared.kernel.money import Money
from shared.kernel.schedule import total_by_pocket
from shared.messaging.message import Message
from shared.messaging.reactions import Reactions
from tests.integration.intake.conftest import (
    ADOPTER,
    BUDGET,
    CONSORTIUM,
    LEAD,
    PROGRAMME,
    PROVIDER,
    STRANGER,
    Office,
    beginning,
    money,
    organisation,
)

pytestmark = pytest.mark.postgres

APPLICANT, OFFICER = f"applicant:{LEAD}", "intake-officer"


def submitted(office: Office, application_id: str) -> str:
    """The draft, filled in and submitted; its path."""
    path = f"/v1/applications/{application_id}"
    office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
    office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
    office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True})
    return path


def forwarded(office: Office, application_id: str, body: Any = None) -> str:
    """The draft, brought before the committee; its path."""
    path = submitted(office, application_id)
    office.do(OFFICER, "POST", f"{path}/eligibility", {"confirmed": True, "reasons": []})
    scores = [{"criterion": "team", "score": 4}, {"criterion": "impact", "score": 9}]
    office.do(OFFICER, "POST", f"{path}/assessment", {"scores": scores, "summary": "Strong"})
    office.do(OFFICER, "POST", f"{path}/forwarding", body or {"funding": None})
    return path


def published(office: Office) -> list[Contract]:
    """What others have been told so far."""
    contracts = (to_contract(recorded) for recorded in office.store.tail(0, 1_000))
    return [contract for contract in contracts if contract is not None]


def tell(office: Office, contract: Contract, message_id: UUID) -> None:
    """Let intake hear what selection published."""
    message = Message(
        id=message_id,
        source="selection",
        type=contract.contract_type,
        key=contract.key,
        subject="award/1",
        effective_on=contract.effective_on,
        recorded_at=datetime(2023, 5, 20, tzinfo=UTC),
        position=1,
        correlation_id=uuid4(),
        causation_id=uuid4(),
        data=contract.model_dump_json().encode(),
    )
    reactions = Reactions(SERVICE, office.store, SystemClock(), HANDLERS)
    assert reactions.answers(message.type)
    with office.database.engine.begin() as connection:
        reactions.answer(message, connection)


def award(fact: ApplicationForwarded) -> AwardApproved:
    """The committee's decision to fund what was forwarded."""
    return AwardApproved(
        effective_on=date(2023, 5, 20),
        project_id=fact.project_id,
        award_id=UUID(int=7),
        meeting_id=UUID(int=8),
        programme_code=fact.programme_code,
        programme_version=fact.programme_version,
        title=fact.title,
        participants=fact.participants,
        starts_on=fact.starts_on,
        ends_on=fact.ends_on,
        funding=fact.funding,
        match=fact.match,
        lapses_on=date(2023, 8, 20),
    )


class TestTheWholePath:
    def test_from_draft_to_committee(self, office: Office, application_id: str) -> None:
        """An application goes before the committee with its request split over pockets."""
        path = forwarded(office, application_id)
        seen = office.see(OFFICER, path)
        assert seen["stage"] == "forwarded"
        assert seen["version"] == 7
        assert seen["submission"]["programme_version"] == 1
        assert seen["assessment"]["scores"] == [
            {"criterion": "impact", "score": 9, "out_of": 10},
            {"criterion": "team", "score": 4, "out_of": 5},
        ]
        assert seen["budget"]["totals"] == {
            "cash": money(1_000_000),
            "in_kind": money(20_000),
            "requested": money(350_000),
            "match_cash": money(650_000),
        }
        programme, fact = published(office)
        assert isinstance(programme, ProgrammePublished)
        assert isinstance(fact, ApplicationForwarded)
        assert str(fact.project_id) == application_id
        assert total_by_pocket(fact.funding) == {
            "ISED-P1-PROJECTS": Money(300_000_00),
            "MEIE-P1-PROJECTS": Money(50_000_00),
        }
        assert sum(cell.cash.cents + cell.in_kind.cents for cell in fact.match) == 670_000_00
        assert [(party.role, party.province, party.sme) for party in fact.participants] == [
            ("lead", "QC", True),
            ("adopter", "ON", False),
            ("ai-provider", "QC", True),
        ]

    def test_every_reason_at_once(self, office: Office, application_id: str) -> None:
        """Breaking several rules is answered with all of them, in both languages."""
        path = f"/v1/applications/{application_id}"
        greedy = {
            "costs": [{**BUDGET["costs"][0], "in_kind": money(900_000)}],
            "requests": [{**BUDGET["requests"][0], "amount": money(200_000)}],
        }
        office.do(APPLICANT, "PUT", f"{path}/budget", greedy)
        problem = office.do(
            APPLICANT, "POST", f"{path}/submission", {"certified": False}, status=409
        )
        assert problem["code"] == "application-not-acceptable"
        assert [error["code"] for error in problem["errors"]] == [
            "not-certified",
            "adopter-missing",
            "ai-provider-missing",
            "public-share-above-rate",
            "too-much-in-kind",
        ]
        above = problem["errors"][3]
        assert above["accepted"] == {"maximum_cents": 175_000_00}
        assert "$200,000.00" in above["messages"]["en"]
        assert "200\u202f000,00\u202f$" in above["messages"]["fr"]
        assert office.see(APPLICANT, path)["stage"] == "draft"

    def test_a_split_by_hand(self, office: Office, application_id: str) -> None:
        """An officer may give the split; one that does not add up is refused."""
        path = submitted(office, application_id)
        office.do(OFFICER, "POST", f"{path}/eligibility", {"confirmed": True})
        scores = [{"criterion": "team", "score": 4}, {"criterion": "impact", "score": 9}]
        office.do(OFFICER, "POST", f"{path}/assessment", {"scores": scores, "summary": "Strong"})
        by_hand = [
            {
                "organisation_id": line["organisation_id"],
                "pocket": "ISED-P1-PROJECTS",
                "quarter": line["quarter"],
                "amount": line["amount"],
            }
            for line in BUDGET["requests"]
        ]
        problem = office.do(
            OFFICER, "POST", f"{path}/forwarding", {"funding": by_hand[1:]}, status=409
        )
        assert [error["code"] for error in problem["errors"]] == ["funding-does-not-add-up"]
        office.do(OFFICER, "POST", f"{path}/forwarding", {"funding": by_hand})
        funding = office.see(OFFICER, path)["forwarding"]["funding"]
        assert [(cell["pocket"], cell["amount"]) for cell in funding] == [
            ("ISED-P1-PROJECTS", line["amount"]) for line in BUDGET["requests"]
        ]

    def test_a_later_version_rewrites_no_past(self, office: Office, application_id: str) -> None:
        """What was submitted keeps the programme as it was, whatever is published later."""
        path = submitted(office, application_id)
        later = PROGRAMME | {"scoring_grid": [{"criterion": "luck", "out_of": 3}], "pockets": [
            {"code": "OTHER"}]}  # fmt: skip
        assert office.do("programme-manager", "POST", "/v1/programmes", later)["version"] == 2
        office.do(OFFICER, "POST", f"{path}/eligibility", {"confirmed": True})
        scores = [{"criterion": "team", "score": 4}, {"criterion": "impact", "score": 9}]
        office.do(OFFICER, "POST", f"{path}/assessment", {"scores": scores, "summary": "Strong"})
        office.do(OFFICER, "POST", f"{path}/forwarding", {"funding": None})
        [*_, fact] = published(office)
        assert isinstance(fact, ApplicationForwarded)
        assert fact.programme_version == 1
        assert "OTHER" not in total_by_pocket(fact.funding)

    def test_a_refusal_by_an_officer(self, office: Office, application_id: str) -> None:
        """An officer who refuses says why, and the applicant reads it."""
        path = submitted(office, application_id)
        body = {"confirmed": False, "reasons": ["Work abroad"]}
        office.do(OFFICER, "POST", f"{path}/eligibility", body)
        decision = office.see(APPLICANT, path)["decision"]
        assert (decision["outcome"], decision["reasons"]) == ("ineligible", ["Work abroad"])


class TestAskingTwice:
    def test_the_same_command(self, office: Office, call_id: str) -> None:
        """The same key and body answer the same, and begin one application."""
        key = uuid4()
        first = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id), key=key)
        again = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id), key=key)
        assert first == again
        assert len(office.see(OFFICER, "/v1/applications")["items"]) == 1

    def test_the_same_submission(self, office: Office, application_id: str) -> None:
        """A submission repeated under its key answers the same, though it is no draft any more."""
        path, key = f"/v1/applications/{application_id}", uuid4()
        office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
        office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
        first = office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True}, key=key)
        again = office.do(APPLICANT, "POST", f"{path}/submission", {"certified": True}, key=key)
        assert first == again
        problem = office.do(
            APPLICANT, "POST", f"{path}/submission", {"certified": True}, status=409
        )
        assert problem["code"] == "application-not-at-this-stage"

    def test_the_same_organisation(self, office: Office) -> None:
        """An organisation is registered once per business number."""
        first = office.do(OFFICER, "POST", "/v1/organisations", organisation("123 026-635"))
        again = office.do(OFFICER, "POST", "/v1/organisations", organisation("123026635"), 409)
        assert first["id"] == str(organisation_id_of("123026635"))
        assert again["code"] == "organisation-already-registered"
        seen = office.see(APPLICANT, f"/v1/organisations/{first['id']}")
        assert (seen["business_number"], seen["sme"]) == ("123026635", True)


class TestWhoMayDoWhat:
    def test_another_organisation(self, office: Office, application_id: str) -> None:
        """To an organisation that takes no part, the application does not exist."""
        path = f"/v1/applications/{application_id}"
        other = f"applicant:{STRANGER}"
        office.see(other, path, status=404)
        for method, what, body in (
            ("PUT", "consortium", CONSORTIUM),
            ("PUT", "budget", BUDGET),
            ("POST", "submission", {"certified": True}),
            ("POST", "withdrawal", {"reason": "Mine"}),
        ):
            problem = office.do(other, method, f"{path}/{what}", body, status=404)
            assert problem["code"] == "not-found"
        assert office.see(other, "/v1/applications")["items"] == []

    def test_for_another_organisation(self, office: Office, call_id: str) -> None:
        """Nobody applies for an organisation they do not act for."""
        body = beginning(call_id)
        office.do(f"applicant:{STRANGER}", "POST", "/v1/applications", body, status=404)

    def test_a_participant_reads(self, office: Office, application_id: str) -> None:
        """Who takes part reads the application, writes nothing, and does not see its scores."""
        path = forwarded(office, application_id)
        partner = f"applicant:{ADOPTER}"
        seen = office.see(partner, path)
        assert seen["stage"] == "forwarded"
        assert seen["assessment"] is None
        assert seen["forwarding"] is None
        office.do(partner, "POST", f"{path}/withdrawal", {"reason": "No"}, status=404)
        items = office.see(partner, "/v1/applications")["items"]
        assert [item["id"] for item in items] == [application_id]

    @pytest.mark.parametrize(
        ("who", "method", "path", "body"),
        [
            (APPLICANT, "POST", "/v1/programmes", PROGRAMME),
            (APPLICANT, "POST", f"/v1/applications/{UUID(int=1)}/eligibility", {"confirmed": True}),
            (OFFICER, "POST", f"/v1/applications/{UUID(int=1)}/submission", {"certified": True}),
        ],
    )
    def test_roles(self, office: Office, who: str, method: str, path: str, body: Any) -> None:
        """Applicants apply, officers decide, managers publish."""
        problem = office.do(who, method, path, body, status=403)
        assert problem["code"] == "role-missing"

    def test_an_auditor_reads(self, office: Office, application_id: str) -> None:
        """An auditor reads everything."""
        assert office.see("auditor", f"/v1/applications/{application_id}")["stage"] == "draft"
        assert office.see("auditor", "/v1/pipeline")["count"] == 1


class TestWhatIsRefused:
    def test_unknown_fields(self, office: Office, application_id: str) -> None:
        """A field nobody knows is refused, however deep it is."""
        path = f"/v1/applications/{application_id}"
        surplus = {"costs": [{**BUDGET["costs"][0], "colour": "red"}], "requests": []}
        problem = office.do(APPLICANT, "PUT", f"{path}/budget", surplus, status=422)
        assert "costs[0].colour" in {error["field"] for error in problem["errors"]}
        body = {"certified": True, "colour": "red"}
        office.do(APPLICANT, "POST", f"{path}/submission", body, status=422)
        programme = PROGRAMME | {"colour": "red"}
        office.do("programme-manager", "POST", "/v1/programmes", programme, status=422)

    def test_a_programme_with_problems(self, office: Office) -> None:
        """A definition with several problems is answered with all of them."""
        bad = PROGRAMME | {
            "reimbursement_rate_bp": 20_000,
            "rules": [{"name": "lucky-number"}, {"name": "minimum-smes"}],
            "cost_categories": [],
        }
        problem = office.do("programme-manager", "POST", "/v1/programmes", bad, status=422)
        assert [error["field"] for error in problem["errors"]] == [
            "reimbursement_rate_bp",
            "rules[0].name",
            "rules[1].parameters.at_least",
            "cost_categories",
        ]

    def test_things_that_do_not_exist(self, office: Office, call_id: str) -> None:
        """Whatever a body names must exist; each that does not is told."""
        assert office.do(
            APPLICANT, "POST", "/v1/applications", beginning(str(uuid4())), status=422
        )["code"] == "call-unknown"  # fmt: skip
        started = office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))
        strangers = {
            "participants": [{"organisation_id": str(uuid4()), "role": "other"} for _ in range(2)]
        }
        path = f"/v1/applications/{started['id']}/consortium"
        problem = office.do(APPLICANT, "PUT", path, strangers, status=422)
        assert [error["field"] for error in problem["errors"]] == [
            "participants[0].organisation_id",
            "participants[1].organisation_id",
        ]
        call = {
            "programme_code": "NONE",
            "title": {"en": "x", "fr": "y"},
            "opens_at": "2023-03-27T04:00:00Z",
        }
        assert (
            office.do("programme-manager", "POST", "/v1/calls", call, status=422)["code"]
            == "programme-unknown"
        )
        office.see(OFFICER, f"/v1/applications/{uuid4()}", status=404)
        office.see(OFFICER, f"/v1/calls/{uuid4()}", status=404)
        office.see(OFFICER, "/v1/programmes/NONE", status=404)

    @pytest.mark.parametrize("currency", ["USD", "EUR"])
    def test_another_currency(self, office: Office, application_id: str, currency: str) -> None:
        """A budget is in Canadian dollars."""
        foreign = {
            "costs": BUDGET["costs"][:1],
            "requests": [{**BUDGET["requests"][0], "amount": {"cents": 100, "currency": currency}}],
        }
        path = f"/v1/applications/{application_id}/budget"
        problem = office.do(APPLICANT, "PUT", path, foreign, status=422)
        [error] = problem["errors"]
        assert (error["field"], error["accepted"]) == ("requests[0].amount.currency", ["CAD"])


class TestViews:
    def test_the_list(self, office: Office, call_id: str) -> None:
        """Applications are listed as they were started, by stage and programme, in pages."""
        begun = [
            office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))["id"]
            for _ in range(3)
        ]
        submitted(office, begun[1])
        first = office.see(OFFICER, "/v1/applications?limit=2")
        rest = office.see(OFFICER, f"/v1/applications?limit=2&cursor={first['next']}")
        assert [item["id"] for item in first["items"] + rest["items"]] == begun
        assert rest["next"] is None
        [only] = office.see(OFFICER, "/v1/applications?stage=submitted&programme=IND-P1")["items"]
        assert only["id"] == begun[1]
        assert only["submitted_on"] == "2023-04-03"
        assert office.see(OFFICER, "/v1/applications?programme=HEALTH")["items"] == []

    def test_the_pipeline(self, office: Office, call_id: str) -> None:
        """The pipeline counts and adds up public money and match, by programme and stage."""
        begun = [
            office.do(APPLICANT, "POST", "/v1/applications", beginning(call_id))["id"]
            for _ in range(2)
        ]
        submitted(office, begun[0])
        pipeline = office.see("programme-manager", "/v1/pipeline")
        assert pipeline == {
            "lines": [
                {"programme_code": "IND-P1", "stage": "draft", "count": 1,
                 "public": money(0), "match": money(0), "value": money(0)},
                {"programme_code": "IND-P1", "stage": "submitted", "count": 1,
                 "public": money(350_000), "match": money(670_000), "value": money(1_020_000)},
            ],
            "count": 2,
            "value": money(1_020_000),
        }  # fmt: skip

    def test_whoever_leaves(self, office: Office, application_id: str) -> None:
        """A smaller consortium has a smaller budget, in the application and in the views."""
        path = f"/v1/applications/{application_id}"
        office.do(APPLICANT, "PUT", f"{path}/consortium", CONSORTIUM)
        office.do(APPLICANT, "PUT", f"{path}/budget", BUDGET)
        without_adopter = {"participants": CONSORTIUM["participants"][::2]}
        office.do(APPLICANT, "PUT", f"{path}/consortium", without_adopter)
        assert office.see(APPLICANT, path)["budget"]["totals"]["cash"] == money(700_000)
        assert office.see(OFFICER, "/v1/pipeline")["value"] == money(720_000)
        assert office.see(f"applicant:{ADOPTER}", "/v1/applications")["items"] == []
        assert len(office.see(f"applicant:{PROVIDER}", "/v1/applications")["items"]) == 1

    def test_the_catalogue(self, office: Office, call_id: str) -> None:
        """Programmes are listed at their version in force, calls under the one they apply."""
        later = PROGRAMME | {"reimbursement_rate_bp": 5_000}
        office.do("programme-manager", "POST", "/v1/programmes", later)
        [programme] = office.see(APPLICANT, "/v1/programmes")["items"]
        assert (programme["version"], programme["reimbursement_rate_bp"]) == (2, 5_000)
        [call] = office.see(APPLICANT, "/v1/calls?programme=IND-P1")["items"]
        assert (call["id"], call["programme_version"]) == (call_id, 1)
        assert office.see(APPLICANT, f"/v1/calls/{call_id}") == call
        old = office.see(APPLICANT, "/v1/programmes/IND-P1?version=1")
        new = office.see(APPLICANT, "/v1/programmes/IND-P1")
        assert (old["in_force"], old["definition"]["reimbursement_rate_bp"]) == (False, 3_500)
        assert (new["in_force"], new["definition"]["reimbursement_rate_bp"]) == (True, 5_000)
        office.see(APPLICANT, "/v1/programmes/IND-P1?version=3", status=404)


class TestHearingFromSelection:
    def test_an_award_that_lapses(self, office: Office, application_id: str) -> None:
        """The applicant reads what the committee decided; hearing of it twice changes nothing."""
        path = forwarded(office, application_id)
        [*_, fact] = published(office)
        assert isinstance(fact, ApplicationForwarded)
        message = uuid4()
        tell(office, award(fact), message)
        tell(office, award(fact), message)
        seen = office.see(APPLICANT, path)
        assert (seen["stage"], seen["version"]) == ("awarded", 8)
        lapse = AwardLapsed(
            effective_on=date(2023, 8, 20),
            project_id=fact.project_id,
            award_id=UUID(int=7),
            programme_code=fact.programme_code,
            funding=fact.funding,
            reason="Not signed",
        )
        tell(office, lapse, uuid4())
        assert office.see(APPLICANT, path)["decision"]["reasons"] == ["Not signed"]
        [line] = office.see(OFFICER, "/v1/applications?stage=lapsed")["items"]
        assert line["stage_since"] == "2023-08-20"

    def test_a_decline(self, office: Office, application_id: str) -> None:
        """A committee that declines says why."""
        path = forwarded(office, application_id)
        declined = ApplicationDeclined(
            effective_on=date(2023, 5, 20),
            project_id=UUID(application_id),
            meeting_id=UUID(int=8),
            reasons=("Weak",),
        )
        tell(office, declined, uuid4())
        decision = office.see(APPLICANT, path)["decision"]
        assert (decision["outcome"], decision["reasons"]) == ("declined", ["Weak"])

    def test_a_withdrawal_that_crosses_an_award(self, office: Office, application_id: str) -> None:
        """What was withdrawn stays withdrawn, and selection is told."""
        path = forwarded(office, application_id)
        [*_, fact] = published(office)
        assert isinstance(fact, ApplicationForwarded)
        office.do(APPLICANT, "POST", f"{path}/withdrawal", {"reason": "No partner"})
        tell(office, award(fact), uuid4())
        assert office.see(APPLICANT, path)["stage"] == "withdrawn"
        [*_, told] = published(office)
        assert isinstance(told, ApplicationWithdrawn)
        assert str(told.project_id) == application_id
