from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from services.claims.use_cases.policies import ProgrammeTermsUnknown
from shared.contracts import claims as contracts
from shared.contracts.selection import AwardLapsed
from shared.kernel.money import Money
from tests.integration.claims.conftest import (
    ADOPTER,
    AGREEMENT,
    ANALYST,
    APPROVER,
    AWARD,
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

pytestmark = pytest.mark.postgres


def cad(cents: int) -> dict[str, Any]:
    return {"cents": cents, "currency": "CAD"}


def claim_body(cash: int = 500_00, **more: Any) -> dict[str, Any]:
    return {
        "participant_id": str(ADOPTER),
        "period_starts_on": "2023-04-01",
        "period_ends_on": "2023-06-30",
        "lines": [
            {
                "category": "labour",
                "cash": cad(cash),
                "incurred_from": "2023-04-03",
                "incurred_to": "2023-06-30",
                "paid_on": "2023-06-30",
            }
        ],
        **more,
    }


def in_all(house: House, **expected: int) -> None:
    """The statement's amounts over all pockets, in dollars; those not named are nil."""
    statement = house.get(OFFICER, house.agreement).json()
    names = ("contracted", "committed", "payable", "held_back", "paid", "released")
    sums = {
        name: sum(balance[name]["cents"] for balance in statement["balances"]) for name in names
    }
    assert sums == {name: expected.get(name, 0) * 100 for name in names}
    assert sums["contracted"] == sum(sums.values()) - sums["contracted"]


class TestTheWholePath:
    def test_from_award_to_completion(self, house: House) -> None:
        """Every step leaves each contracted cent in one place, and is published once."""
        house.in_force()
        in_all(house, contracted=1_200, committed=1_200)

        house.it_is(date(2023, 7, 10))
        forecast = [
            {"quarter": "2024-T2", "amount": cad(300_00)},
            {"quarter": "2024-T3", "amount": cad(500_00)},
        ]
        claim = house.done(PREPARER, "/claims", claim_body(forecast=forecast))
        house.done(SIGNATORY, f"/claims/{claim}/certification")
        house.it_is(date(2023, 7, 20))
        house.approved(
            claim,
            {
                "line": 0,
                "cash": cad(450_00),
                "code": "no-document",
                "reason": "no timesheet for one week",
            },
        )
        in_all(house, contracted=1_200, committed=1_020, payable=162, held_back=18)

        payment = house.pays(claim, date(2023, 7, 20))
        in_all(house, contracted=1_200, committed=1_020, held_back=18, paid=162)
        house.done(
            PAYER,
            f"/payments/{payment}/return",
            {"returned_on": "2023-07-20", "reason": "account closed"},
        )
        in_all(house, contracted=1_200, committed=1_020, payable=162, held_back=18)
        house.pays(claim, date(2023, 7, 20))

        house.it_is(date(2024, 4, 15))
        house.done(OFFICER, "/completion", {"completed_on": "2024-04-15"})
        in_all(house, contracted=1_200, payable=18, paid=162, released=1_020)
        house.pays(claim, date(2024, 4, 15))
        in_all(house, contracted=1_200, paid=180, released=1_020)

        published = house.published()
        assert [type(each) for each in published] == [
            contracts.AgreementExecuted,
            contracts.ClaimApproved,
            contracts.ForecastRevised,
            contracts.PaymentDisbursed,
            contracts.PaymentReturned,
            contracts.PaymentDisbursed,
            contracts.HoldbackReleased,
            contracts.CommitmentReleased,
            contracts.ProjectCompleted,
            contracts.PaymentDisbursed,
        ]
        assert {each.key for each in published} == {str(PROJECT)}
        executed, approved = published[:2]
        assert isinstance(executed, contracts.AgreementExecuted)
        assert (executed.award_id, executed.agreement_id) == (AWARD, AGREEMENT)
        assert executed.funding == award_approved().funding
        assert isinstance(approved, contracts.ClaimApproved)
        assert [(cell.pocket, cell.amount) for cell in approved.drawn] == [
            ("ISED-P1", Money(144_00)),
            ("MEIE-P1", Money(36_00)),
        ]

    def test_a_termination_leaves_debts(self, house: House) -> None:
        """What is approved is paid after the end; what was not claimed has gone back."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        claim = house.certified(claim_body())
        house.approved(claim)
        end = {"terminated_on": "2023-07-10", "reason": "insolvency"}
        house.done(OFFICER, "/termination", end)
        in_all(house, contracted=1_200, payable=200, released=1_000)
        house.pays(claim, date(2023, 7, 10))
        in_all(house, contracted=1_200, paid=200, released=1_000)

    def test_an_amendment_moves_the_end_and_money(self, house: House) -> None:
        """A time extension with a reprofile: the same money, later."""
        house.in_force()
        cell = {"participant_id": str(ADOPTER), "pocket": "ISED-P1"}
        amendment = house.done(
            OFFICER,
            "/amendments",
            {
                "kind": "time-extension",
                "ends_on": "2024-09-30",
                "effective_on": "2023-04-03",
                "funding": [
                    cell | {"quarter": "2024-T2", "amount": cad(-100_00)},
                    cell | {"quarter": "2025-T2", "amount": cad(100_00)},
                ],
            },
        )
        assert house.get(PREPARER, house.agreement).json()["ends_on"] == "2024-03-31"
        house.done(MANAGER, f"/amendments/{amendment}/approval")
        statement = house.get(PREPARER, house.agreement).json()
        assert statement["ends_on"] == "2024-09-30"
        amounts = {
            (each["pocket"], each["quarter"]): each["amount"]["cents"]
            for each in statement["participants"][0]["committed"]
        }
        assert amounts["ISED-P1", "2024-T2"] == 300_00
        assert amounts["ISED-P1", "2025-T2"] == 100_00


class TestSegregationOfDuties:
    def test_five_people_are_needed(self, house: House) -> None:
        """Preparer, certifier, assessor, approver and payer are five, whatever roles they hold."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        claim = house.done(PREPARER, "/claims", claim_body())

        def refused(who: Person, path: str, body: dict[str, Any] | None, code: str) -> None:
            response = house.post(who, f"/claims/{claim}{path}", body)
            assert (response.status_code, response.json()["code"]) == (403, code)

        certifier = "certifier-prepared-the-claim"
        refused(PREPARER, "/certification", None, certifier)
        refused(PARTNER, "/certification", None, "not-your-organisation")
        refused(APPROVER, "/certification", None, "role-missing")
        house.done(SIGNATORY, f"/claims/{claim}/certification")

        assessor = "assessor-prepared-or-certified-the-claim"
        for person in (PREPARER, SIGNATORY):
            same_person = Person(id=person.id, role="claims-analyst")
            refused(same_person, "/assessment", {}, assessor)
        refused(APPROVER, "/assessment", {}, "role-missing")
        house.done(ANALYST, f"/claims/{claim}/assessment", {})

        approver = "approver-handled-the-claim"
        for person in (PREPARER, SIGNATORY, ANALYST):
            same_person = Person(id=person.id, role="claims-approver")
            refused(same_person, "/approval", None, approver)
        refused(SIGNATORY, "/approval", None, "role-missing")
        finance_officer = Person(id="p-finance", role="finance-officer")
        refused(finance_officer, "/approval", None, "amount-above-your-level")
        house.done(APPROVER, f"/claims/{claim}/approval")

        item = {"agreement_id": str(AGREEMENT), "payable_id": str(claim)}
        run = {"execution_on": "2023-07-10", "items": [item]}
        house.accounts()
        for person in (PREPARER, SIGNATORY, ANALYST, APPROVER):
            same_person = Person(id=person.id, role="payer")
            response = house.ask("POST", same_person, "/v1/payment-runs", run)
            assert response.status_code == 409
            (error,) = response.json()["errors"]
            assert (error["code"], error["field"]) == ("payer-handled-the-claim", "items[0]")
        assert house.ask("POST", APPROVER, "/v1/payment-runs", run).status_code == 403
        house.pays(claim, date(2023, 7, 10))


class TestARefusedClaim:
    def test_says_everything_at_once_in_both_languages(self, house: House) -> None:
        """Every reason has its field, its code and its sentence in French and English."""
        house.in_force()
        house.it_is(date(2024, 4, 15))
        body = claim_body(period_starts_on="2024-03-01", period_ends_on="2024-04-14")
        body["lines"][0] |= {"category": "champagne", "cash": cad(-1)}
        response = house.post(PREPARER, "/claims", body)
        assert response.status_code == 409
        problem = response.json()
        assert problem["code"] == "claim-not-in-order"
        assert [(error["code"], error["field"]) for error in problem["errors"]] == [
            ("period-crosses-fiscal-year", "period_ends_on"),
            ("category-unknown", "lines[0].category"),
            ("amount-negative", "lines[0].cash"),
            ("cost-outside-period", "lines[0].incurred_from"),
        ]
        assert problem["errors"][1]["accepted"] == ["labour", "equipment"]
        assert all(
            error["messages"]["fr"] != error["messages"]["en"] for error in problem["errors"]
        )

    def test_says_what_the_forecast_should_add_up_to(self, house: House) -> None:
        """A wrong forecast is answered with the amount that would be right."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        forecast = [{"quarter": "2024-T2", "amount": cad(1)}]
        response = house.post(PREPARER, "/claims", claim_body(forecast=forecast))
        (error,) = response.json()["errors"]
        assert (error["code"], error["accepted"]) == ("forecast-does-not-add-up", 800_00)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"lines": [{"category": "labour"}]},
            {"period_ends_on": "June"},
            {"surprise": 1},
            {"forecast": [{"quarter": "2024-T5", "amount": cad(1)}]},
        ],
        ids=["line", "date", "field", "quarter"],
    )
    def test_that_cannot_be_read_is_not_judged(self, house: House, wrong: dict[str, Any]) -> None:
        """What does not match its schema is 422, and nothing is kept."""
        house.in_force()
        head = house.parts.store.head()
        assert house.post(PREPARER, "/claims", claim_body() | wrong).status_code == 422
        assert house.parts.store.head() == head


class TestADraft:
    def test_is_replaced_and_withdrawn(self, house: House) -> None:
        """A draft can be rewritten and taken back; then its period is free."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        claim = house.done(PREPARER, "/claims", claim_body())
        assert house.put(PREPARER, f"/claims/{claim}", claim_body(600_00)).is_success
        detail = house.get(PREPARER, f"{house.agreement}/claims/{claim}").json()
        assert detail["lines"][0]["cash"] == cad(600_00)
        house.done(PREPARER, f"/claims/{claim}/withdrawal", {"reason": "mistake"})
        assert house.get(PREPARER, f"{house.agreement}/claims/{claim}").status_code == 404
        assert house.get(PREPARER, "/v1/claims").json()["items"] == []
        house.done(PREPARER, "/claims", claim_body())


class TestWhoSeesWhat:
    def test_a_recipient_sees_agreements_it_takes_part_in(self, house: House) -> None:
        """For everybody else from outside, the agreement does not exist."""
        house.in_force()
        for insider in (PREPARER, PARTNER, ANALYST):
            listed = house.get(insider, "/v1/agreements").json()["items"]
            assert [each["agreement_id"] for each in listed] == [str(AGREEMENT)]
            assert house.get(insider, house.agreement).is_success
        assert house.get(STRANGER, "/v1/agreements").json()["items"] == []
        assert house.get(STRANGER, house.agreement).status_code == 404

    def test_a_recipient_sees_claims_of_its_own_organisation(self, house: House) -> None:
        """Partners see each other's amounts on the statement, not each other's lines."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        claim = house.done(PREPARER, "/claims", claim_body())
        assert house.get(PREPARER, f"{house.agreement}/claims/{claim}").is_success
        assert house.get(ANALYST, f"{house.agreement}/claims/{claim}").is_success
        assert house.get(PARTNER, f"{house.agreement}/claims/{claim}").status_code == 404
        assert house.get(PARTNER, "/v1/claims").json()["items"] == []
        assert len(house.get(PARTNER, house.agreement).json()["claims"]) == 1

    def test_an_agreement_that_does_not_exist(self, house: House) -> None:
        """Nobody reads or commands what is not there."""
        elsewhere = f"/v1/agreements/{uuid4()}"
        assert house.get(OFFICER, elsewhere).status_code == 404
        headers = house._headers(OFFICER) | {"Idempotency-Key": str(uuid4())}
        body = {"executed_on": "2023-04-03"}
        response = house.client.post(f"{elsewhere}/execution", json=body, headers=headers)
        assert (response.status_code, response.json()["code"]) == (404, "agreement-unknown")


class TestTheLists:
    def test_agreements_by_project_state_and_programme(self, house: House) -> None:
        """Filters narrow the list, together."""
        house.hears(programme_published())
        projects = [PROJECT, uuid4(), uuid4()]
        for project in projects:
            house.hears(award_approved(project))
        house.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
        house.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
        house.done(OFFICER, "/execution", {"executed_on": "2023-04-03"})

        def found(**query: str) -> int:
            return len(house.get(OFFICER, "/v1/agreements", **query).json()["items"])

        assert found() == found(programme="IND-P1") == 3
        assert found(state="executed") == found(project_id=str(PROJECT)) == 1
        assert found(state="drafted") == 2
        assert found(programme="NONE") == found(state="completed") == 0
        assert found(state="drafted", project_id=str(PROJECT)) == 0
        first = house.get(OFFICER, "/v1/agreements", limit="2").json()
        rest = house.get(OFFICER, "/v1/agreements", limit="2", cursor=first["next"]).json()
        seen = [each["agreement_id"] for page in (first, rest) for each in page["items"]]
        assert len(set(seen)) == 3
        assert rest["next"] is None

    def test_the_queue_shows_what_waits_and_for_how_long(self, house: House) -> None:
        """A claim's age counts from its certification to its approval."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        claim = house.done(PREPARER, "/claims", claim_body())

        def queued(**query: str) -> dict[str, Any]:
            (item,) = house.get(ANALYST, "/v1/claims", **query).json()["items"]
            assert item["claim_id"] == str(claim)
            found: dict[str, Any] = item
            return found

        assert queued(state="drafted")["age_days"] is None
        house.done(SIGNATORY, f"/claims/{claim}/certification")
        house.it_is(date(2023, 8, 24))
        certified = queued(state="certified")
        assert certified["age_days"] == 45
        assert (certified["quarter"], certified["claimed_cash"]) == ("2024-T1", cad(500_00))
        house.done(ANALYST, f"/claims/{claim}/assessment", {})
        assert queued(state="assessed")["age_days"] == 45
        house.done(APPROVER, f"/claims/{claim}/approval")
        house.it_is(date(2023, 9, 1))
        approved = queued(state="approved")
        assert (approved["age_days"], approved["payable"]) == (45, cad(180_00))
        payment = house.pays(claim, date(2023, 9, 1))
        paid = queued(state="paid", agreement_id=str(AGREEMENT))
        assert (paid["payable"], paid["paid"]) == (cad(0), cad(180_00))
        returned = {"returned_on": "2023-09-01", "reason": "closed"}
        house.done(PAYER, f"/payments/{payment}/return", returned)
        again = queued(state="approved")
        assert (again["payable"], again["paid"]) == (cad(180_00), cad(0))
        house.done(OFFICER, "/completion", {"completed_on": "2023-09-01"})
        assert queued(state="approved")["payable"] == cad(200_00)


class TestReactions:
    def test_an_award_that_is_delivered_twice(self, house: House) -> None:
        """The second delivery drafts nothing."""
        house.hears(programme_published())
        house.hears(award_approved())
        head = house.parts.store.head()
        house.hears(award_approved())
        house.hears(programme_published())
        assert house.parts.store.head() == head

    def test_an_award_before_its_programme(self, house: House) -> None:
        """The message is not taken: it is parked, and answered once the programme is known."""
        with pytest.raises(ProgrammeTermsUnknown):
            house.hears(award_approved())
        assert house.parts.store.head() == 0
        house.hears(programme_published())
        house.hears(award_approved())
        assert house.get(OFFICER, house.agreement).json()["state"] == "drafted"

    def test_an_award_that_lapses(self, house: House) -> None:
        """The draft cannot be executed any more."""
        house.hears(programme_published())
        house.hears(award_approved())
        lapsed = AwardLapsed(
            effective_on=date(2023, 10, 1),
            project_id=PROJECT,
            award_id=AWARD,
            programme_code="IND-P1",
            funding=award_approved().funding,
            reason="deadline",
        )
        house.hears(lapsed)
        assert house.get(OFFICER, house.agreement).json()["state"] == "lapsed"
        refused = house.post(OFFICER, "/execution", {"executed_on": "2023-04-03"})
        assert refused.json()["code"] == "agreement-no-longer-a-draft"


class TestACommand:
    def test_sent_twice_is_carried_out_once(self, house: House) -> None:
        """The same key answers the same claim, and one claim is drafted."""
        house.in_force()
        house.it_is(date(2023, 7, 10))
        headers = house._headers(PREPARER) | {"Idempotency-Key": str(uuid4())}
        first, again = (
            house.client.post(f"{house.agreement}/claims", json=claim_body(), headers=headers)
            for _ in range(2)
        )
        assert first.status_code == again.status_code == 201
        assert first.json() == again.json()
        path = first.headers["Location"]
        assert house.get(PREPARER, path).json()["claim_id"] == first.json()["id"]

    def test_on_a_version_that_has_moved_on(self, house: House) -> None:
        """If-Match refuses to decide on what the caller has not seen."""
        house.in_force()
        headers = house._headers(OFFICER) | {"Idempotency-Key": str(uuid4()), "If-Match": '"1"'}
        body = {"terminated_on": "2023-04-03", "reason": "end"}
        response = house.client.post(f"{house.agreement}/termination", json=body, headers=headers)
        assert response.status_code == 412
