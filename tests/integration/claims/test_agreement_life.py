"""The life of an agreement over HTTP: budget, conditions, amendments, pauses and closing."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import claims as contracts
from shared.contracts.selection import IncreaseRefused, IncreaseReserved
from shared.kernel.identifiers import derived_id
from tests.integration.claims.conftest import (
    ADOPTER,
    ADOPTER_ORG,
    AGREEMENT,
    MANAGER,
    OFFICER,
    PARTNER,
    PAYER,
    PREPARER,
    PROJECT,
    PROVIDER,
    SIGNATORY,
    STRANGER,
    House,
    Person,
    award_approved,
    programme_published,
)
from tests.integration.claims.test_from_award_to_completion import cad, claim_body, in_all

pytestmark = pytest.mark.postgres

NEWCOMER = derived_id("participant", PROJECT, STRANGER.organisation_id)
SHA = "0" * 64


def cell(quarter: str, cents: int, who: UUID = ADOPTER, pocket: str = "ISED-P1") -> dict[str, Any]:
    return {
        "participant_id": str(who),
        "pocket": pocket,
        "quarter": quarter,
        "amount": cad(cents),
    }


def proposal(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "effective_on": "2023-04-03", **more}


def statement(house: House, who: Person = OFFICER, **query: str) -> dict[str, Any]:
    shown: dict[str, Any] = house.get(who, house.agreement, **query).json()
    return shown


def refused(house: House, who: Person, path: str, body: Any = None) -> str:
    """The code of a refusal, or of its only reason."""
    problem = house.post(who, path, body).json()
    errors = problem.get("errors") or []
    return str(errors[0]["code"] if len(errors) == 1 else problem["code"])


class TestADraft:
    def drafted(self, house: House) -> None:
        """An award became a draft."""
        house.hears(programme_published())
        house.hears(award_approved())

    def test_gets_a_budget_and_conditions(self, house: House) -> None:
        """What is contracted is budgeted by category, and conditions hold the execution."""
        self.drafted(house)

        def line(who: UUID, category: str, cents: int) -> dict[str, Any]:
            return {"participant_id": str(who), "category": category, "cash": cad(cents)}

        lines = [line(ADOPTER, "labour", 2_500_00), line(PROVIDER, "labour", 499_99)]
        short = house.put(OFFICER, "/budget", {"lines": lines})
        (error,) = short.json()["errors"]
        assert (error["code"], error["accepted"]) == ("budget-cash-not-contracted", 500_00)
        lines[1] = line(PROVIDER, "labour", 500_00)
        assert house.put(OFFICER, "/budget", {"lines": lines}).is_success

        wanted = {
            "code": "ip-plan",
            "text_en": "An IP plan",
            "text_fr": "Un plan de PI",
            "due": "before-execution",
        }
        condition = house.done(OFFICER, "/conditions", wanted)
        house.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
        house.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
        assert refused(house, OFFICER, "/conditions", wanted) == "agreement-already-signed"
        execution = {"executed_on": "2023-04-03"}
        assert refused(house, OFFICER, "/execution", execution) == "conditions-unmet"
        met = {"met_on": "2023-04-03", "document_sha256": SHA}
        path = f"/conditions/{condition}/confirmation"
        signatory = Person(id=SIGNATORY.id, role="agreement-officer")
        assert refused(house, signatory, path, met) == "decided-by-recipient"
        house.done(OFFICER, path, met)
        house.done(OFFICER, "/execution", execution)
        life = statement(house)["life"]
        assert life["conditions"][0]["state"] == "met"
        assert life["budget"][1]["cash"] == cad(500_00)

    def test_is_no_place_for_recipients_to_write(self, house: House) -> None:
        """Budget and conditions are the officer's to write."""
        self.drafted(house)
        assert house.put(PREPARER, "/budget", {"lines": []}).status_code == 403
        assert refused(house, PREPARER, "/suspension") == "role-missing"


class TestAnAmendment:
    def test_needs_two_people(self, house: House) -> None:
        """An officer proposes; the same one cannot approve, another or a manager can."""
        house.in_force()
        moved = proposal("reprofile", funding=[cell("2024-T2", -1_00), cell("2024-T3", 1_00)])
        amendment = house.done(OFFICER, "/amendments", moved | {"ends_on": None})
        path = f"/amendments/{amendment}"
        own = refused(house, OFFICER, f"{path}/approval")
        assert own == "approver-proposed-the-amendment"
        assert refused(house, PREPARER, f"{path}/approval") == "role-missing"
        house.done(MANAGER, f"{path}/approval")
        (shown,) = statement(house)["life"]["amendments"]
        assert (shown["state"], shown["change"]["kind"]) == ("approved", "budget-moved")
        again = refused(house, MANAGER, f"{path}/approval")
        assert again == "amendment-already-settled"

    def test_of_a_recipient(self, house: House) -> None:
        """A participant moves its own budget with an officer's approval, and nothing else."""
        house.in_force()
        others = proposal(
            "budget-moved", funding=[cell("2024-T1", -1), cell("2024-T1", 1, PROVIDER)]
        )
        assert refused(house, PREPARER, "/amendments", others) == "proposed-for-another"
        extension = proposal("time-extension", ends_on="2024-09-30")
        assert refused(house, PREPARER, "/amendments", extension) == "kind-for-officers"
        own = proposal("budget-moved", funding=[cell("2024-T1", -1), cell("2024-T2", 1)])
        amendment = house.done(PREPARER, "/amendments", own)
        taken = refused(house, OFFICER, f"/amendments/{amendment}/withdrawal", {"reason": "no"})
        assert taken == "not-your-proposal"
        house.done(OFFICER, f"/amendments/{amendment}/rejection", {"reason": "not now"})
        assert statement(house)["life"]["amendments"][0]["state"] == "rejected"

    def test_that_increases_waits_for_its_pockets(self, house: House) -> None:
        """Selection is asked, answers, and only then is the increase approved."""
        house.in_force()
        more = proposal("increase", funding=[cell("2024-T3", 50_00)])
        amendment = house.done(OFFICER, "/amendments", more)
        asked = house.published()[-1]
        assert isinstance(asked, contracts.IncreaseProposed)
        path = f"/amendments/{amendment}/approval"
        assert refused(house, MANAGER, path) == "increase-not-reserved"
        about = {
            "effective_on": date(2023, 4, 3),
            "project_id": PROJECT,
            "agreement_id": AGREEMENT,
            "programme_code": "IND-P1",
        }
        answer = IncreaseReserved(amendment_id=amendment, funding=asked.funding, **about)
        house.hears(answer)
        house.hears(answer)
        house.done(MANAGER, path)
        in_all(house, contracted=1_250, committed=1_250)

        second = house.done(OFFICER, "/amendments", more)
        house.hears(IncreaseRefused(amendment_id=second, pockets=("ISED-P1",), **about))
        assert refused(house, MANAGER, f"/amendments/{second}/approval") == "increase-not-reserved"
        house.done(OFFICER, f"/amendments/{second}/withdrawal", {"reason": "no money"})
        withdrawn = house.published()[-1]
        assert isinstance(withdrawn, contracts.IncreaseWithdrawn)
        assert withdrawn.amendment_id == second

    def test_that_adds_a_participant(self, house: House) -> None:
        """Who is asked to join may read, signs, and is then a party like the others."""
        house.in_force()
        assert house.get(STRANGER, house.agreement).status_code == 404
        joining = proposal(
            "participant-added",
            funding=[cell("2024-T2", -100_00)],
            party={
                "organisation_id": str(STRANGER.organisation_id),
                "role": "research",
                "name": "A laboratory",
                "province": "ON",
                "sme": False,
                "funding": [{"pocket": "ISED-P1", "quarter": "2024-T2", "amount": cad(100_00)}],
                "match": [{"quarter": "2024-T2", "cash": cad(150_00)}],
            },
        )
        amendment = house.done(OFFICER, "/amendments", joining)
        assert house.get(STRANGER, house.agreement).is_success
        path = f"/amendments/{amendment}"
        assert refused(house, MANAGER, f"{path}/approval") == "added-participant-has-not-signed"
        assert refused(house, PREPARER, f"{path}/signature") == "not-the-added-organisation"
        house.done(STRANGER, f"{path}/signature")
        house.done(MANAGER, f"{path}/approval")
        *_, newcomer = statement(house, STRANGER)["participants"]
        assert newcomer["participant_id"] == str(NEWCOMER)
        assert newcomer["joined_on"] == "2023-04-03"
        assert newcomer["committed"][0]["amount"] == cad(100_00)
        assert len(house.get(STRANGER, "/v1/agreements").json()["items"]) == 1
        in_all(house, contracted=1_200, committed=1_200)
        told = house.published()[-1]
        assert isinstance(told, contracts.AgreementAmended)
        assert [party.participant_id for party in told.added] == [NEWCOMER]

    def test_that_lets_a_participant_leave(self, house: House) -> None:
        """What it has not claimed goes to others or back; it stays in the statement."""
        house.in_force()
        leaving = proposal(
            "participant-withdrawn",
            participant_id=str(PROVIDER),
            funding=[cell("2024-T2", 50_00)],
        )
        amendment = house.done(PARTNER, "/amendments", leaving)
        house.done(OFFICER, f"/amendments/{amendment}/approval")
        in_all(house, contracted=1_050, committed=1_050)
        provider = statement(house, PARTNER)["participants"][1]
        assert (provider["withdrawn_on"], provider["committed"]) == ("2023-04-03", [])

    @pytest.mark.parametrize(
        "wrong",
        [
            {"kind": "rescope"},
            {"kind": "reprofile", "ends_on": "2024-09-30"},
            {"kind": "time-extension"},
            {"kind": "scope", "text_en": "a", "text_fr": "b", "funding": []},
            {"kind": "increase", "surprise": 1},
        ],
        ids=["kind", "end moved", "no end", "scope with money", "field"],
    )
    def test_that_cannot_be_read(self, house: House, wrong: dict[str, Any]) -> None:
        """Each kind has its own fields, and takes no others."""
        house.in_force()
        body = {"effective_on": "2023-04-03"} | wrong
        assert house.post(OFFICER, "/amendments", body).status_code == 422


class TestASuspension:
    def test_and_its_end(self, house: House) -> None:
        """The statement says since when, and until when."""
        house.in_force()
        house.it_is(date(2023, 5, 1))
        house.done(OFFICER, "/suspension", {"suspended_on": "2023-04-20", "reason": "audit"})
        assert statement(house)["life"]["suspended_on"] == "2023-04-20"
        completion = {"completed_on": "2023-05-01"}
        assert refused(house, OFFICER, "/completion", completion) == "agreement-is-suspended"
        house.done(OFFICER, "/resumption", {"resumed_on": "2023-05-01", "reason": "closed"})
        life = statement(house)["life"]
        assert life["suspended_on"] is None
        assert life["suspensions"] == [
            {"starts_on": "2023-04-20", "ends_before": "2023-05-01", "costs_eligible": False}
        ]


class TestWhatHoldsAPayment:
    def blocked_by(self, house: House) -> set[str]:
        """The codes of what stands in the way of the only payable."""
        (payable,) = house.get(PAYER, "/v1/payables").json()["items"]
        return {each["code"] for each in payable["blocked_by"]} - {"no-verified-account"}

    def test_a_condition_and_a_suspension(self, house: House) -> None:
        """The register of what is owed says which condition and which suspension holds it."""
        house.hears(programme_published())
        house.hears(award_approved())
        condition = house.done(
            OFFICER,
            "/conditions",
            {
                "code": "ip-plan",
                "text_en": "An IP plan",
                "text_fr": "Un plan de PI",
                "due": "before-first-payment",
            },
        )
        house.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
        house.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
        house.done(OFFICER, "/execution", {"executed_on": "2023-04-03"})
        house.it_is(date(2023, 7, 10))
        house.approved(house.certified(claim_body()))
        house.done(OFFICER, "/suspension", {"suspended_on": "2023-07-10", "reason": "audit"})
        assert self.blocked_by(house) == {"condition-holds-payment", "agreement-is-suspended"}
        house.done(OFFICER, "/resumption", {"resumed_on": "2023-07-10", "reason": "closed"})
        assert self.blocked_by(house) == {"condition-holds-payment"}
        waiver = {"reason": "in the agreement"}
        house.done(MANAGER, f"/conditions/{condition}/waiver", waiver)
        assert self.blocked_by(house) == set()


class TestAnEnd:
    def approved(self, house: House, **more: Any) -> UUID:
        """A claim of 500 dollars is approved, 200 of it reimbursed."""
        house.it_is(date(2023, 7, 10))
        claim = house.certified(claim_body(**more))
        house.approved(claim)
        return claim

    def test_with_recovery(self, house: House) -> None:
        """The holdback goes back, and what was paid is to be asked back, or a part of it."""
        house.in_force()
        claim = self.approved(house)
        house.pays(claim, date(2023, 7, 10))
        part = {"participant_id": str(ADOPTER), "pocket": "ISED-P1", "amount": cad(144_01)}
        end = {
            "terminated_on": "2023-07-10",
            "reason": "false information",
            "recovery": {"parts": [part]},
        }
        assert refused(house, OFFICER, "/termination", end) == "recovery-due-more-than-paid"
        house.done(OFFICER, "/termination", end | {"recovery": {"parts": None}})
        in_all(house, contracted=1_200, paid=180, released=1_020)
        (forfeited,) = [
            each for each in house.published() if isinstance(each, contracts.HoldbackForfeited)
        ]
        assert sum(share.amount.cents for share in forfeited.forfeited) == 20_00
        (item,) = house.get(OFFICER, "/v1/claims").json()["items"]
        assert item["held_back"] == cad(0)

    def test_shows_what_is_missing(self, house: House) -> None:
        """The checklist names every item; the project completes once nothing is missing."""
        asking = {"closing_requirements": ["final-report", "ip-declarations"]}
        published = programme_published().model_dump() | {"claims": asking}
        house.hears(type(programme_published()).model_validate(published))
        house.in_force()
        claim = self.approved(house)
        completion = {"completed_on": "2023-07-10"}
        problem = house.post(OFFICER, "/completion", completion).json()
        assert problem["code"] == "closing-incomplete"
        assert [error["code"] for error in problem["errors"]] == [
            "final-claims-missing",
            "requirement-missing",
            "ip-declarations-missing",
        ]
        closing = house.get(PREPARER, f"{house.agreement}/closing").json()
        assert not closing["ready"]
        missing = {item["code"]: item["of"] for item in closing["items"] if not item["done"]}
        assert missing == {
            "final-claims": [str(ADOPTER), str(PROVIDER)],
            "final-report": [],
            "ip-declarations": [str(ADOPTER), str(PROVIDER)],
        }
        assert claim

        report = {"met_on": "2023-07-10", "document_sha256": SHA}
        house.done(OFFICER, "/requirements/final-report", report)
        made = {
            "title": "A forecast of returns",
            "kind": "patent",
            "owner_organisation_id": str(ADOPTER_ORG),
            "canadian_owned": True,
            "reuse_allowed": True,
            "commercialised": False,
        }
        declared = {"participant_id": str(ADOPTER), "intellectual_property": made}
        assert refused(house, PARTNER, "/ip-declarations", declared) == "not-your-organisation"
        house.done(PREPARER, "/ip-declarations", declared)
        none = {"participant_id": str(PROVIDER), "intellectual_property": None}
        house.done(PARTNER, "/ip-declarations", none)
        (told,) = [each for each in house.published() if isinstance(each, contracts.IpDeclared)]
        assert told.intellectual_property.title == "A forecast of returns"
        register = house.get(OFFICER, f"{house.agreement}/closing").json()
        assert len(register["intellectual_property"]) == 1
        assert register["none_declared"] == [str(PROVIDER)]
        theirs = house.get(PARTNER, f"{house.agreement}/closing").json()
        assert theirs["intellectual_property"] == []

        house.it_is(date(2023, 10, 10))
        last = {"final": True, "period_starts_on": "2023-07-01", "period_ends_on": "2023-09-30"}
        body = claim_body(**last)
        cost = {"incurred_from": "2023-07-01", "incurred_to": "2023-09-30", "paid_on": "2023-10-01"}
        body["lines"][0] |= cost
        for who, certifier, participant in (
            (PREPARER, SIGNATORY, ADOPTER),
            (
                PARTNER,
                Person(id="p-2", role="recipient", organisation_id=PARTNER.organisation_id),
                PROVIDER,
            ),
        ):
            claim = house.done(who, "/claims", body | {"participant_id": str(participant)})
            house.done(certifier, f"/claims/{claim}/certification")
            house.approved(claim)
        assert house.get(OFFICER, f"{house.agreement}/closing").json()["ready"]
        house.done(OFFICER, "/completion", {"completed_on": "2023-10-10"})


class TestTheStatementAtADate:
    def test_by_what_was_known_and_what_had_happened(self, house: House) -> None:
        """An extension from 3 April that is recorded in May is unknown in April, and was so."""
        house.in_force()
        house.it_is(date(2023, 5, 2))
        extension = proposal("time-extension", ends_on="2024-09-30")
        amendment = house.done(OFFICER, "/amendments", extension)
        house.done(MANAGER, f"/amendments/{amendment}/approval")
        assert statement(house, as_of="2023-05-01")["ends_on"] == "2024-03-31"
        assert statement(house, as_of="2023-05-02")["ends_on"] == "2024-09-30"
        assert statement(house, until="2023-04-03")["ends_on"] == "2024-09-30"
        before = house.get(PREPARER, house.agreement, until="2023-04-02")
        assert before.status_code == 404
        both = statement(house, as_of="2023-05-01", until="2023-04-03")
        assert (both["state"], both["ends_on"]) == ("executed", "2024-03-31")

    def test_before_there_was_an_agreement_or_for_somebody_else(self, house: House) -> None:
        """Nothing was known then; and a date opens no door."""
        house.in_force()
        for who, query in ((OFFICER, "2023-04-02"), (STRANGER, "2023-04-03")):
            response = house.get(who, house.agreement, as_of=query)
            assert (response.status_code, response.json()["code"]) == (404, "agreement-unknown")
