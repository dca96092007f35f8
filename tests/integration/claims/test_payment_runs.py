"""Payment runs as people see them: over HTTP, on PostgreSQL."""

import csv
import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from hashlib import sha256
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete
from xmlschema import XMLSchema

from services.claims.gateways.tables import BANK_ACCOUNT
from shared.contracts import claims as contracts
from shared.contracts.base import Contract
from tests.integration.claims.conftest import (
    ADOPTER,
    ADOPTER_ORG,
    AGREEMENT,
    ANALYST,
    APPROVER,
    CONTROLLER,
    FINANCE,
    OFFICER,
    PARTNER,
    PAYER,
    PREPARER,
    PROVIDER,
    PROVIDER_ORG,
    SIGNATORY,
    STRANGER,
    House,
    Person,
    bank_account,
)
from tests.integration.claims.test_from_award_to_completion import cad, claim_body

pytestmark = pytest.mark.postgres

PAY_DAY = date(2023, 7, 24)
OTHER_PAYER = Person(id="p-other-payer", role="payer")
ADOPTERS_ACCOUNT = f"/v1/organisations/{ADOPTER_ORG}/bank-account"
PROVIDERS_ACCOUNT = f"/v1/organisations/{PROVIDER_ORG}/bank-account"
RUNS = "/v1/payment-runs"


def owed(house: House) -> UUID:
    """A claim of the adopter of which 180 dollars are payable."""
    house.in_force()
    house.it_is(date(2023, 7, 10))
    claim = house.certified(claim_body())
    house.approved(claim)
    house.it_is(PAY_DAY)
    return claim


def owed_to_both(house: House) -> tuple[UUID, UUID]:
    """Beside it, a claim of the provider of which 36 dollars are payable."""
    claim = owed(house)
    body = claim_body(100_00) | {"participant_id": str(PROVIDER)}
    theirs = house.done(PARTNER, "/claims", body)
    certifier = Person(id="p-partner-2", role="recipient", organisation_id=PROVIDER_ORG)
    house.done(certifier, f"/claims/{theirs}/certification")
    house.approved(theirs)
    return claim, theirs


def proposal(*payables: UUID, execution_on: str = "2023-07-24") -> dict[str, Any]:
    items = [{"agreement_id": str(AGREEMENT), "payable_id": str(each)} for each in payables]
    return {"execution_on": execution_on, "items": items}


def errors_of(response: Any) -> list[tuple[str, str]]:
    assert response.status_code in {409, 422}, response.text
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def payables(house: House, who: Person = PAYER, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(who, "/v1/payables", **query).json()["items"]
    return found


def blocks(item: dict[str, Any]) -> list[str]:
    return [block["code"] for block in item["blocked_by"]]


def exported(house: House, *claims: UUID) -> str:
    """A run whose files were made."""
    run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(*claims))}"
    house.made("POST", FINANCE, f"{run}/approval")
    house.made("POST", PAYER, f"{run}/export")
    return run


def payments_of(published: Iterable[Contract]) -> list[type[Contract]]:
    kinds = (contracts.PaymentDisbursed, contracts.PaymentReturned)
    return [type(each) for each in published if isinstance(each, kinds)]


class TestBankAccounts:
    def test_numbers_come_out_masked(self, house: House) -> None:
        """What goes in as a number comes out as its last three digits, for whoever may ask."""
        house.made("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account())
        for who in (PREPARER, PAYER, FINANCE):
            shown = house.get(who, ADOPTERS_ACCOUNT).json()
            assert (shown["number"], shown["state"]) == ("••••567", "recorded")
        for who in (PARTNER, STRANGER):
            assert house.get(who, ADOPTERS_ACCOUNT).status_code == 403
        assert house.get(PREPARER, f"/v1/organisations/{uuid4()}/bank-account").status_code == 403
        assert house.get(FINANCE, PROVIDERS_ACCOUNT).status_code == 404

    def test_it_takes_one_of_theirs_and_one_of_ours(self, house: House) -> None:
        """Somebody of the organisation records; a finance officer who did not verifies."""
        assert house.ask("PUT", PARTNER, ADOPTERS_ACCOUNT, bank_account()).status_code == 403
        assert house.ask("PUT", FINANCE, ADOPTERS_ACCOUNT, bank_account()).status_code == 403
        house.made("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account())
        which = {"account_id": house.get(FINANCE, ADOPTERS_ACCOUNT).json()["account_id"]}
        verification = f"{ADOPTERS_ACCOUNT}/verification"
        assert house.ask("POST", SIGNATORY, verification, which).status_code == 403
        both = Person(id=PREPARER.id, role="finance-officer")
        refused = house.ask("POST", both, verification, which)
        assert refused.json()["code"] == "verifier-recorded-the-account"
        house.made("POST", FINANCE, verification, which)
        shown = house.get(PREPARER, ADOPTERS_ACCOUNT).json()
        assert (shown["state"], shown["verified_on"]) == ("verified", "2023-04-03")

    def test_a_change_is_unverified_and_the_same_again_is_not(self, house: House) -> None:
        """Other details lose the verification; the same details again keep it."""
        house.account(PREPARER, ADOPTERS_ACCOUNT, bank_account(), FINANCE)
        house.made("PUT", SIGNATORY, ADOPTERS_ACCOUNT, bank_account())
        before = house.get(PREPARER, ADOPTERS_ACCOUNT).json()
        assert before["state"] == "verified"
        house.made("PUT", SIGNATORY, ADOPTERS_ACCOUNT, bank_account("1234568"))
        after = house.get(PREPARER, ADOPTERS_ACCOUNT).json()
        assert (after["state"], after["number"]) == ("recorded", "••••568")
        stale = {"account_id": before["account_id"]}
        refused = house.ask("POST", FINANCE, f"{ADOPTERS_ACCOUNT}/verification", stale)
        assert refused.json()["code"] == "bank-account-unknown"

    def test_no_number_is_in_an_event(self, house: House) -> None:
        """The history knows who recorded and verified which opaque id, and no more."""
        house.accounts()
        history = str([each.event for each in house.parts.store.tail(0, 100)])
        assert "BankAccountVerified" in history
        for secret in ("1234567", "7654321", "12345", "Nordet"):
            assert secret not in history

    def test_what_is_wrong_is_said_and_nothing_kept(self, house: House) -> None:
        """Every fault is named in both languages; neither a row nor an event is left behind."""
        wrong = bank_account("12", institution="3", transit="x")
        response = house.ask("PUT", PREPARER, ADOPTERS_ACCOUNT, wrong)
        assert errors_of(response) == [
            ("institution", "institution-not-three-digits"),
            ("transit", "transit-not-five-digits"),
            ("number", "number-not-five-to-twelve-digits"),
        ]
        assert house.parts.store.head() == 0
        assert house.get(PREPARER, ADOPTERS_ACCOUNT).status_code == 404

    def test_the_same_request_twice(self, house: House) -> None:
        """A request that is sent again is answered again, and recorded once."""
        key = uuid4()
        first, second = (
            house.ask("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account(), key=key) for _ in range(2)
        )
        assert first.json() == second.json()
        assert house.parts.store.head() == 1


class TestFromProposalToPayment:
    def test_money_leaves_and_comes_back_and_leaves_again(self, house: House) -> None:
        """Proposed, approved, exported, confirmed; returned; and paid by a later run."""
        claim = owed(house)
        house.accounts()
        (item,) = payables(house)
        assert (item["payable"], item["blocked_by"]) == (cad(180_00), [])

        run = exported(house, claim)
        detail = house.get(FINANCE, run).json()
        assert (detail["state"], detail["amount"]) == ("exported", cad(180_00))
        payment = detail["items"][0]["payment_id"]
        assert blocks(payables(house)[0]) == ["already-in-run"]
        assert payments_of(house.published()) == []

        result = {"payment_id": payment, "paid_on": "2023-07-24"}
        house.made("POST", PAYER, f"{run}/confirmations", {"results": [result]})
        assert house.get(FINANCE, run).json()["state"] == "closed"
        assert payables(house) == []

        back = {"returned_on": "2023-07-24", "reason": "account closed"}
        house.done(PAYER, f"/payments/{payment}/return", back)
        (item,) = payables(house)
        assert (item["payable"], item["run_id"]) == (cad(180_00), None)

        house.pays(claim, PAY_DAY)
        assert payments_of(house.published()) == [
            contracts.PaymentDisbursed,
            contracts.PaymentReturned,
            contracts.PaymentDisbursed,
        ]
        listed = house.get(PAYER, RUNS).json()["items"]
        assert [(each["state"], each["disbursed"]) for each in listed] == [("closed", 1)] * 2

    def test_some_leave_and_some_fail(self, house: House) -> None:
        """A failed payment is payable again; the run is closed with the last result."""
        ours, theirs = owed_to_both(house)
        house.accounts()
        house.account(PARTNER, PROVIDERS_ACCOUNT, bank_account("55555"), FINANCE)
        run = exported(house, ours, theirs)
        first, second = (item["payment_id"] for item in house.get(PAYER, run).json()["items"])
        results = [{"payment_id": first, "paid_on": "2023-07-24"}]
        house.made("POST", PAYER, f"{run}/confirmations", {"results": results})
        assert house.get(PAYER, run).json()["state"] == "exported"
        results = [{"payment_id": second, "failed": "account closed"}]
        house.made("POST", PAYER, f"{run}/confirmations", {"results": results})

        detail = house.get(PAYER, run).json()
        assert detail["state"] == "closed"
        assert [(each["state"], each["reason"]) for each in detail["items"]] == [
            ("disbursed", None),
            ("failed", "account closed"),
        ]
        (item,) = payables(house, blocked="false")
        assert item["payable_id"] == str(theirs)

    def test_a_rejected_run_frees_everything(self, house: House) -> None:
        """What a rejected run held can be in another, whether it was approved or not."""
        claim = owed(house)
        house.accounts()
        for approved in (False, True):
            run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
            if approved:
                house.made("POST", FINANCE, f"{run}/approval")
            house.made("POST", FINANCE, f"{run}/rejection", {"reason": "wrong month"})
            detail = house.get(PAYER, run).json()
            assert (detail["state"], detail["reason"]) == ("rejected", "wrong month")
            assert blocks(payables(house)[0]) == []
        rejected = house.get(PAYER, RUNS, state="rejected").json()["items"]
        assert len(rejected) == 2
        assert house.get(PAYER, RUNS, state="exported").json()["items"] == []


class TestPeople:
    def test_the_approver_of_a_run_did_nothing_else_with_it(self, house: House) -> None:
        """Neither the proposer nor anybody who handled a claim approves a run."""
        claim = owed(house)
        house.accounts()
        run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
        for person, code in (
            (PAYER, "approver-proposed-the-run"),
            (PREPARER, "approver-handled-a-claim"),
            (SIGNATORY, "approver-handled-a-claim"),
            (ANALYST, "approver-handled-a-claim"),
            (APPROVER, "approver-handled-a-claim"),
        ):
            same_person = Person(id=person.id, role="finance-officer")
            refused = house.ask("POST", same_person, f"{run}/approval")
            assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert house.ask("POST", PAYER, f"{run}/approval").json()["code"] == "role-missing"
        house.made("POST", FINANCE, f"{run}/approval")

    def test_recipients_see_what_they_are_owed(self, house: House) -> None:
        """People outside see their own organisation's payables and why they wait, and no run."""
        owed_to_both(house)
        assert len(payables(house, PREPARER)) == len(payables(house, PARTNER)) == 1
        assert payables(house, STRANGER) == []
        assert blocks(payables(house, PREPARER)[0]) == ["no-verified-account"]
        assert house.get(PREPARER, RUNS).status_code == 403


class TestAllOrNothing:
    def test_one_bad_item_leaves_nothing_behind(self, house: House) -> None:
        """A run with items that cannot be paid is refused whole, each item with its reasons."""
        ours, theirs = owed_to_both(house)
        house.accounts()
        head = house.parts.store.head()
        unknown, elsewhere = uuid4(), {"agreement_id": str(uuid4()), "payable_id": str(ours)}
        body = proposal(ours, theirs, unknown, ours)
        body["items"].append(elsewhere)
        assert errors_of(house.ask("POST", PAYER, RUNS, body)) == [
            ("items[1]", "no-verified-account"),
            ("items[2]", "claim-unknown"),
            ("items[3]", "payable-twice"),
            ("items[4]", "agreement-unknown"),
        ]
        assert house.parts.store.head() == head
        assert all("already-in-run" not in blocks(item) for item in payables(house))
        house.made("POST", PAYER, RUNS, proposal(ours))

    def test_one_bad_result_records_none(self, house: House) -> None:
        """Results are recorded together: every fault is named, and nothing is kept."""
        ours, theirs = owed_to_both(house)
        house.accounts()
        house.account(PARTNER, PROVIDERS_ACCOUNT, bank_account("55555"), FINANCE)
        run = exported(house, ours, theirs)
        first, second = (item["payment_id"] for item in house.get(PAYER, run).json()["items"])
        head = house.parts.store.head()
        results = [
            {"payment_id": first, "paid_on": "2023-07-24"},
            {"payment_id": second, "paid_on": "2023-07-25"},
            {"payment_id": str(uuid4()), "paid_on": "2023-07-24"},
            {"payment_id": first, "failed": "no"},
        ]
        response = house.ask("POST", PAYER, f"{run}/confirmations", {"results": results})
        assert sorted(errors_of(response)) == [
            ("results[1].paid_on", "date-in-the-future"),
            ("results[2].payment_id", "item-unknown"),
            ("results[3].payment_id", "item-unknown"),
        ]
        assert house.parts.store.head() == head

    @pytest.mark.parametrize("result", [{}, {"paid_on": "2023-07-24", "failed": "both"}])
    def test_a_result_says_one_thing(self, house: House, result: dict[str, str]) -> None:
        """A payment left or failed: neither and both cannot be read."""
        body = {"results": [{"payment_id": str(uuid4()), **result}]}
        response = house.ask("POST", PAYER, f"{RUNS}/{uuid4()}/confirmations", body)
        assert response.status_code == 422

    def test_two_payers_at_once(self, house: House) -> None:
        """Of two runs that propose the same claim at the same time, one comes about."""
        claim = owed(house)
        house.accounts()
        people = [PAYER, OTHER_PAYER] * 4
        with ThreadPoolExecutor(len(people)) as pool:
            answers = list(
                pool.map(lambda who: house.ask("POST", who, RUNS, proposal(claim)), people)
            )
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        assert all(
            errors_of(answer) == [("items[0]", "already-in-run")]
            for answer in answers
            if answer.status_code == 409
        )
        assert len(house.get(PAYER, RUNS).json()["items"]) == 1

    def test_the_same_request_twice(self, house: House) -> None:
        """A proposal that is sent again is answered again; another under its key is refused."""
        claim = owed(house)
        house.accounts()
        key = uuid4()
        first, second = (house.ask("POST", PAYER, RUNS, proposal(claim), key=key) for _ in range(2))
        assert (first.status_code, first.json()) == (201, second.json())
        other = proposal(claim, execution_on="2023-07-25")
        assert house.ask("POST", PAYER, RUNS, other, key=key).status_code == 422

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"items": []}, "run-empty"),
            ({"execution_on": "2023-07-23"}, "execution-in-the-past"),
        ],
    )
    def test_a_run_that_could_never_be(
        self, house: House, wrong: dict[str, Any], code: str
    ) -> None:
        """A run pays something, today or later."""
        house.it_is(PAY_DAY)
        response = house.ask("POST", PAYER, RUNS, proposal(uuid4()) | wrong)
        assert response.json()["code"] == code

    def test_what_does_not_exist(self, house: House) -> None:
        """Nobody decides on a run that is not there."""
        run = f"{RUNS}/{uuid4()}"
        assert house.get(PAYER, run).status_code == 404
        for who, path, body in (
            (FINANCE, "/approval", None),
            (FINANCE, "/rejection", {"reason": "no"}),
            (PAYER, "/export", None),
            (PAYER, "/confirmations", {"results": []}),
        ):
            assert house.ask("POST", who, run + path, body).json()["code"] == "run-unknown"


class TestTheFile:
    def test_it_is_valid_and_says_what_leaves(self, house: House) -> None:
        """The bank's file meets the official schema, and its hash is the one that was kept."""
        claim = owed(house)
        house.accounts()
        run = exported(house, claim)
        xml = house.get(PAYER, f"{run}/files/pain.001")
        assert xml.headers["content-type"] == "application/xml"
        assert xml.headers["cache-control"] == "no-store"
        schema = XMLSchema(str(files("sepaxml") / "schemas" / "pain.001.001.09.xsd"))
        said: Any = schema.to_dict(xml.text)
        (block,) = said["CstmrCdtTrfInitn"]["PmtInf"]
        (transfer,) = block["CdtTrfTxInf"]
        assert transfer["Amt"]["InstdAmt"] == {"@Ccy": "CAD", "$": 180}
        assert transfer["CdtrAcct"]["Id"]["Othr"]["Id"] == "1234567"
        assert transfer["RmtInf"]["Ustrd"] == [str(claim)]
        assert block["DbtrAcct"]["Id"]["Othr"]["Id"] == "7654321"

        table = house.get(FINANCE, f"{run}/files/csv")
        (row,) = csv.DictReader(io.StringIO(table.text))
        assert (row["amount"], row["account"]) == ("180.00", "1234567")

        kept = {each["format"]: each["sha256"] for each in house.get(PAYER, run).json()["files"]}
        assert kept == {
            "pain.001": sha256(xml.content).hexdigest(),
            "csv": sha256(table.content).hexdigest(),
        }

    def test_it_is_the_same_later_and_after_its_payments(self, house: House) -> None:
        """Asked again, the same bytes are made again."""
        claim = owed(house)
        house.accounts()
        run = exported(house, claim)
        first = house.get(PAYER, f"{run}/files/pain.001").content
        house.it_is(date(2023, 9, 1))
        payment = house.get(PAYER, run).json()["items"][0]["payment_id"]
        results = [{"payment_id": payment, "paid_on": "2023-07-25"}]
        house.made("POST", PAYER, f"{run}/confirmations", {"results": results})
        assert house.get(PAYER, f"{run}/files/pain.001").content == first

    def test_it_is_not_given_out_once_an_account_changed(self, house: House) -> None:
        """A file that pays to an account that was replaced since is not made again."""
        claim = owed(house)
        house.accounts()
        run = exported(house, claim)
        house.made("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account("9999999"))
        refused = house.get(PAYER, f"{run}/files/csv")
        assert (refused.status_code, refused.json()["code"]) == (409, "file-would-differ")

    def test_it_is_not_made_from_erased_details(self, house: House) -> None:
        """Where the details were erased, the file cannot be made, and that is said."""
        claim = owed(house)
        house.accounts()
        run = exported(house, claim)
        with house.parts.database.engine.begin() as connection:
            connection.execute(delete(BANK_ACCOUNT))
        assert house.get(PAYER, f"{run}/files/csv").json()["code"] == "bank-details-erased"

    def test_before_it_was_made(self, house: House) -> None:
        """There is no file of a run that was not exported, and none in another format."""
        claim = owed(house)
        house.accounts()
        run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
        assert house.get(PAYER, f"{run}/files/csv").json()["code"] == "file-not-made"
        assert house.get(PAYER, f"{run}/files/pdf").status_code == 422
        assert house.ask("POST", PAYER, f"{run}/export").json()["code"] == "run-not-approved"
        assert house.get(PREPARER, f"{run}/files/csv").status_code == 403

    def test_an_account_that_changed_on_the_way(self, house: House) -> None:
        """Neither approval nor export lets money go to an account other than the proposed one."""
        claim = owed(house)
        house.accounts()
        run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
        house.made("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account("9999999"))
        changed = [("items[0]", "account-changed")]
        assert errors_of(house.ask("POST", FINANCE, f"{run}/approval")) == changed
        house.account(SIGNATORY, ADOPTERS_ACCOUNT, bank_account("8888888"), FINANCE)
        assert errors_of(house.ask("POST", FINANCE, f"{run}/approval")) == changed
        house.made("POST", FINANCE, f"{run}/rejection", {"reason": "account changed"})

        run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
        house.made("POST", FINANCE, f"{run}/approval")
        house.made("PUT", PREPARER, ADOPTERS_ACCOUNT, bank_account("9999999"))
        assert errors_of(house.ask("POST", PAYER, f"{run}/export")) == changed

    def test_nothing_to_pay_from(self, house: House) -> None:
        """Payments leave from an account of ours that was verified."""
        claim = owed(house)
        house.account(PREPARER, ADOPTERS_ACCOUNT, bank_account(), FINANCE)
        run = f"{RUNS}/{house.made('POST', PAYER, RUNS, proposal(claim))}"
        house.made("POST", FINANCE, f"{run}/approval")
        house.made("PUT", CONTROLLER, "/v1/paying-account", bank_account("7654321"))
        assert house.ask("POST", PAYER, f"{run}/export").json()["code"] == "no-paying-account"


class TestReports:
    REPORTS = "/reports"

    def test_an_overdue_report_holds_payments(self, house: House) -> None:
        """A payable waits for its participant's report, says so, and goes out when it came."""
        house.reports_hold_payments = True
        claim = owed(house)
        house.accounts()
        assert payables(house)[0]["blocked_by"] == []
        house.it_is(date(2023, 7, 31))
        (block,) = payables(house, blocked="true")[0]["blocked_by"]
        assert block["code"] == "report-holds-payment"
        assert "2024-T1" in block["en"]
        assert payables(house, blocked="false") == []
        run = proposal(claim, execution_on="2023-07-31")
        held = [("items[0]", "report-holds-payment")]
        assert errors_of(house.ask("POST", PAYER, RUNS, run)) == held

        about = {"participant_id": str(ADOPTER), "period": "2024-T1"}
        house.done(PREPARER, self.REPORTS, about | {"text": "The model is trained."})
        assert payables(house, blocked="true") == []
        proposed = f"{RUNS}/{house.made('POST', PAYER, RUNS, run)}"
        house.done(OFFICER, f"{self.REPORTS}/return", about | {"reason": "no figures"})
        assert blocks(payables(house)[0]) == ["already-in-run", "report-holds-payment"]
        assert errors_of(house.ask("POST", FINANCE, f"{proposed}/approval")) == held

        house.done(SIGNATORY, self.REPORTS, about | {"text": "97 % of returns are foreseen."})
        house.done(OFFICER, f"{self.REPORTS}/acceptance", about)
        house.made("POST", FINANCE, f"{proposed}/approval")

    def test_what_is_expected(self, house: House) -> None:
        """Everybody sees the reports of its own organisation, and we see all."""
        house.reports_hold_payments = True
        house.in_force()
        path = f"{house.agreement}/reports"
        expected = house.get(PREPARER, path).json()
        assert [(each["period"], each["due_on"], each["state"]) for each in expected] == [
            ("2024-T1", "2023-07-30", "expected"),
            ("2024-T2", "2023-10-30", "expected"),
            ("2024-T3", "2024-01-30", "expected"),
            ("final", "2024-04-30", "expected"),
        ]
        assert len(house.get(OFFICER, path).json()) == 8
        assert house.get(STRANGER, path).status_code == 404
        body = {"participant_id": str(ADOPTER), "period": "2024-T9", "text": "x"}
        assert house.post(PREPARER, self.REPORTS, body).status_code == 422
        body["period"] = "2024-T1"
        refused = house.post(PARTNER, self.REPORTS, body)
        assert refused.json()["code"] == "not-your-organisation"
        refused = house.post(PREPARER, self.REPORTS, body)
        assert refused.json()["code"] == "report-too-early"
