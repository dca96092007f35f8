from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts import claims as contracts
from shared.contracts.intake import ApprovalLevelTerms, ClaimTerms
from shared.kernel.money import Money, total
from tests.integration.claims.conftest import (
    ADOPTER,
    ANALYST,
    APPROVER,
    OFFICER,
    PARTNER,
    PREPARER,
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

FINANCE = Person(id="p-finance", role="finance-officer")
OTHER_FINANCE = Person(id="p-other-finance", role="finance-officer")
OTHER_OFFICER = Person(id="p-other-officer", role="agreement-officer")
LEVELS = (
    ApprovalLevelTerms(role="claims-approver", up_to=Money(500_00)),
    ApprovalLevelTerms(role="finance-officer", up_to=None),
)


def in_force(house: House) -> None:
    """As always, under terms that allow advances and ask 1 % a month of late debts."""
    terms = ClaimTerms(advances_allowed=True, overdue_interest_bp=1_200, approval_levels=LEVELS)
    house.hears(programme_published().model_copy(update={"claims": terms}))
    house.hears(award_approved())
    house.done(SIGNATORY, "/signatures", {"participant_id": str(ADOPTER)})
    house.done(PARTNER, "/signatures", {"participant_id": str(PROVIDER)})
    house.done(OFFICER, "/execution", {"executed_on": "2023-04-03"})


def asked(*cents: int, participant: UUID = ADOPTER) -> dict[str, Any]:
    months = ("2023-04-01", "2023-05-01", "2023-06-01")
    return {
        "participant_id": str(participant),
        "months": [
            {"month": month, "amount": cad(amount)}
            for month, amount in zip(months, cents, strict=False)
        ],
    }


def advance_of_300(house: House) -> UUID:
    in_force(house)
    house.it_is(date(2023, 4, 10))
    advance = house.done(PREPARER, "/advances", asked(100_00, 200_00))
    house.done(APPROVER, f"/advances/{advance}/approval")
    house.pays(advance, date(2023, 4, 10))
    return advance


def claimed(house: House) -> None:
    """500 dollars of costs in the first quarter, worth 200."""
    house.it_is(date(2023, 7, 10))
    claim = house.done(PREPARER, "/claims", claim_body())
    house.done(SIGNATORY, f"/claims/{claim}/certification")
    house.done(ANALYST, f"/claims/{claim}/assessment", {})
    house.done(APPROVER, f"/claims/{claim}/approval")


class TestAnAdvance:
    def test_from_its_request_to_its_recovery(self, house: House) -> None:
        """Asked for, granted, paid, accounted for in part, asked back late, and received."""
        advance = advance_of_300(house)
        in_all(house, contracted=1_200, committed=900, paid=300)
        claimed(house)
        in_all(house, contracted=1_200, committed=880, held_back=20, paid=300)

        house.it_is(date(2023, 8, 14))
        due = {"due_on": "2023-09-15", "reason": "not accounted for in time"}
        early = house.post(OFFICER, f"/advances/{advance}/recovery", due)
        assert early.json()["code"] == "advance-not-overdue"
        house.it_is(date(2023, 8, 15))
        shown = house.get(PREPARER, f"{house.agreement}/advances/{advance}").json()
        assert (shown["state"], shown["overdue"]) == ("outstanding", True)
        assert shown["reconcile_by"] == "2023-08-14"
        assert total(Money(each["amount"]["cents"]) for each in shown["outstanding"]) == Money(
            120_00
        )
        recovery = house.done(OFFICER, f"/advances/{advance}/recovery", due)
        shown = house.get(PREPARER, f"{house.agreement}/advances/{advance}").json()
        assert (shown["state"], shown["outstanding"]) == ("settled", [])

        house.it_is(date(2023, 10, 15))
        owed = house.get(OFFICER, f"{house.agreement}/recoveries").json()
        assert (owed["to_recover"], owed["overdue"]) == (cad(120_00), cad(120_00))
        assert owed["interest"] == cad(1_20)
        later = house.get(OFFICER, f"{house.agreement}/recoveries", on="2023-11-15").json()
        assert later["interest"] == cad(2_41)
        receipt = {"amount": cad(120_00), "interest": cad(1_20), "received_on": "2023-10-15"}
        house.done(FINANCE, f"/recoveries/{recovery}/receipts", receipt)
        in_all(house, contracted=1_200, committed=880, held_back=20, paid=180, released=120)

        told = [type(each) for each in house.published()]
        assert told == [
            contracts.AgreementExecuted,
            contracts.AdvanceApproved,
            contracts.AdvanceDisbursed,
            contracts.ClaimApproved,
            contracts.RecoveryRequested,
            contracts.RecoveryReceived,
        ]
        *_, approved, _, received = house.published()
        assert isinstance(approved, contracts.ClaimApproved)
        assert total(part.amount for part in approved.advance_set_off) == Money(180_00)
        assert isinstance(received, contracts.RecoveryReceived)
        assert {each.pocket: each.released for each in received.balances_after} == {
            "ISED-P1": Money(96_00),
            "MEIE-P1": Money(24_00),
        }

    def test_that_comes_to_nothing(self, house: House) -> None:
        """Refused, withdrawn or cancelled, nothing is advanced."""
        in_force(house)
        house.it_is(date(2023, 4, 10))
        why = {"reason": "no need"}
        refused = house.done(PREPARER, "/advances", asked(1_00))
        house.done(APPROVER, f"/advances/{refused}/refusal", why)
        withdrawn = house.done(PREPARER, "/advances", asked(1_00))
        house.done(SIGNATORY, f"/advances/{withdrawn}/withdrawal", why)
        cancelled = house.done(PREPARER, "/advances", asked(1_00))
        house.done(APPROVER, f"/advances/{cancelled}/approval")
        house.done(APPROVER, f"/advances/{cancelled}/cancellation", why)
        listed = house.get(ANALYST, f"{house.agreement}/advances").json()["items"]
        assert [each["state"] for each in listed] == ["refused", "withdrawn", "cancelled"]
        assert {each["reason"] for each in listed} == {"no need"}
        in_all(house, contracted=1_200, committed=1_200)

    def test_is_for_people_of_the_own_organisation(self, house: House) -> None:
        """Others neither ask, nor withdraw, nor see it."""
        in_force(house)
        house.it_is(date(2023, 4, 10))
        theirs = house.post(PARTNER, "/advances", asked(1_00))
        assert (theirs.status_code, theirs.json()["code"]) == (403, "not-your-organisation")
        advance = house.done(PREPARER, "/advances", asked(1_00))
        path = f"{house.agreement}/advances"
        assert house.get(PARTNER, path).json()["items"] == []
        assert house.get(PARTNER, f"{path}/{advance}").status_code == 404
        assert house.get(STRANGER, path).status_code == 404
        why = {"reason": "no"}
        assert house.post(PARTNER, f"/advances/{advance}/withdrawal", why).status_code == 403
        assert house.post(PREPARER, f"/advances/{advance}/approval").status_code == 403
        assert house.post(PREPARER, f"/advances/{advance}/recovery", why).status_code == 403

    def test_needs_the_level_of_its_amount(self, house: House) -> None:
        """An approver grants up to its level; a higher role grants more."""
        in_force(house)
        house.it_is(date(2023, 4, 10))
        advance = house.done(PREPARER, "/advances", asked(500_01))
        refused = house.post(APPROVER, f"/advances/{advance}/approval")
        assert (refused.status_code, refused.json()["code"]) == (403, "amount-above-your-level")
        house.done(FINANCE, f"/advances/{advance}/approval")

    def test_says_everything_that_is_wrong(self, house: House) -> None:
        """Reasons come together; what cannot be read is 422."""
        in_force(house)
        house.it_is(date(2023, 4, 10))
        answer = house.post(PREPARER, "/advances", asked(0, -1, 1_00))
        assert [error["field"] for error in answer.json()["errors"]] == [
            "months[0].amount",
            "months[1].amount",
        ]
        for wrong in ({"months": "many"}, {"surprise": 1}, {"months": [{"month": "April"}]}):
            assert house.post(PREPARER, "/advances", asked(1_00) | wrong).status_code == 422


class TestARecovery:
    def test_of_a_claim_is_written_off_by_two(self, house: House) -> None:
        """One finance officer proposes, another approves; what came back stays released."""
        advance_of_300(house)
        claimed(house)
        part = {"pocket": "ISED-P1", "quarter": "2024-T1", "amount": cad(50_00)}
        body = {
            "participant_id": str(ADOPTER),
            "parts": [part],
            "due_on": "2023-08-31",
            "reason": "audit",
        }
        recovery = house.done(OFFICER, "/recoveries", body)
        receipt = {"amount": cad(10_00), "received_on": "2023-07-10"}
        house.done(FINANCE, f"/recoveries/{recovery}/receipts", receipt)
        house.done(FINANCE, f"/recoveries/{recovery}/write-off", {"reason": "insolvent"})
        alone = house.post(FINANCE, f"/recoveries/{recovery}/write-off/approval")
        assert (alone.status_code, alone.json()["code"]) == (403, "proposer-approves-write-off")
        house.done(OTHER_FINANCE, f"/recoveries/{recovery}/write-off/approval")
        (shown,) = house.get(PREPARER, f"{house.agreement}/recoveries").json()["items"]
        assert (shown["state"], shown["recovered"]) == ("written-off", cad(10_00))
        assert house.get(PARTNER, f"{house.agreement}/recoveries").json()["items"] == []
        in_all(house, contracted=1_200, committed=880, held_back=20, paid=290, released=10)

    def test_is_cancelled_by_another(self, house: House) -> None:
        """Whoever asked does not stop asking alone; more than was paid is refused."""
        advance_of_300(house)
        claimed(house)
        part = {"pocket": "ISED-P1", "quarter": "2024-T1", "amount": cad(500_00)}
        body = {
            "participant_id": str(ADOPTER),
            "parts": [part],
            "due_on": "2023-08-31",
            "reason": "audit",
        }
        refused = house.post(OFFICER, "/recoveries", body).json()
        (error,) = refused["errors"]
        assert (error["code"], error["accepted"]) == ("recovery-above-paid", 144_00)
        body["parts"] = [part | {"amount": cad(144_00)}]
        recovery = house.done(OFFICER, "/recoveries", body)
        why = {"reason": "mistake"}
        assert house.post(OFFICER, f"/recoveries/{recovery}/cancellation", why).status_code == 403
        house.done(OTHER_OFFICER, f"/recoveries/{recovery}/cancellation", why)
        (shown,) = house.get(OFFICER, f"{house.agreement}/recoveries").json()["items"]
        assert shown["state"] == "cancelled"

    def test_tells_what_is_owed_for_days_to_come(self, house: House) -> None:
        """Interest is told for a day from today, within a year."""
        in_force(house)
        house.it_is(date(2023, 7, 10))
        path = f"{house.agreement}/recoveries"
        assert house.get(OFFICER, path, on="2024-07-10").is_success
        for day in ("2023-07-09", "2024-07-11"):
            answer = house.get(OFFICER, path, on=day)
            assert (answer.status_code, answer.json()["code"]) == (422, "day-out-of-reach")
