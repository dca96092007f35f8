from dataclasses import replace
from datetime import date

import pytest

from services.claims.domain.bank_account import (
    DECIDER,
    BankAccountRecorded,
    BankAccountUnknown,
    BankAccountVerified,
    NoVerifiedAccount,
    RecordBankAccount,
    RecordedAccount,
    VerifierRecordedTheAccount,
    VerifyBankAccount,
    verified,
)
from services.claims.domain.bank_details import (
    BankDetails,
    BankDetailsNotInOrder,
    must_be_in_order,
)
from shared.kernel.identifiers import derived_id

TODAY = date(2023, 7, 10)
ORGANISATION = derived_id("organisation", "adopter")
ACCOUNT, OTHER = derived_id("bank-account", 1), derived_id("bank-account", 2)

RECORDED = BankAccountRecorded(
    effective_on=TODAY, organisation_id=ORGANISATION, account_id=ACCOUNT, recorded_by="a"
)
VERIFIED = BankAccountVerified(
    effective_on=TODAY, organisation_id=ORGANISATION, account_id=ACCOUNT, verified_by="b"
)
RECORDING = RecordBankAccount(organisation_id=ORGANISATION, account_id=ACCOUNT, by="a", on=TODAY)
VERIFICATION = VerifyBankAccount(account_id=ACCOUNT, by="b", on=TODAY)

DETAILS = BankDetails(
    institution="003", transit="12345", number="1234567", holder="Modélisation Nordet inc."
)


class TestTwoPeople:
    def test_one_records_and_another_verifies(self) -> None:
        """An account counts from its record, and can be paid to from its verification."""
        assert DECIDER.decide(RECORDING, DECIDER.initial) == [RECORDED]
        assert DECIDER.decide(VERIFICATION, DECIDER.fold([RECORDED])) == [VERIFIED]
        assert verified(DECIDER.fold([RECORDED, VERIFIED])).account_id == ACCOUNT

    def test_not_the_same_person(self) -> None:
        """Whoever recorded an account does not verify it."""
        with pytest.raises(VerifierRecordedTheAccount):
            DECIDER.decide(replace(VERIFICATION, by="a"), DECIDER.fold([RECORDED]))

    def test_no_payment_before(self) -> None:
        """Nobody is paid to an account that was not verified, or not recorded."""
        for events in ([], [RECORDED]):
            with pytest.raises(NoVerifiedAccount):
                verified(DECIDER.fold(events))

    def test_a_change_takes_the_verification_away(self) -> None:
        """Other details are another account, which nobody has verified."""
        state = DECIDER.fold([RECORDED, VERIFIED])
        (changed,) = DECIDER.decide(replace(RECORDING, account_id=OTHER), state)
        after = DECIDER.evolve(state, changed)
        assert isinstance(after, RecordedAccount)
        with pytest.raises(NoVerifiedAccount):
            verified(after)

    def test_what_was_replaced_is_not_verified(self) -> None:
        """A verification is of the account that was looked at, not of one that came meanwhile."""
        replaced = DECIDER.fold([RECORDED, replace(RECORDED, account_id=OTHER)])
        for state in (DECIDER.initial, replaced):
            with pytest.raises(BankAccountUnknown):
                DECIDER.decide(VERIFICATION, state)

    def test_again(self) -> None:
        """The same account again, and its verification again, change nothing."""
        state = DECIDER.fold([RECORDED, VERIFIED])
        assert DECIDER.decide(RECORDING, state) == []
        assert DECIDER.decide(VERIFICATION, state) == []


class TestDetails:
    @pytest.mark.parametrize("number", ["12345", "123456789012"])
    @pytest.mark.parametrize("holder", ["Nordet", "9210-1234 Québec inc.", "L’Atelier & Fils (2)"])
    def test_as_they_are_written_in_canada(self, number: str, holder: str) -> None:
        """Three digits, five digits, five to twelve digits, and a name."""
        must_be_in_order(replace(DETAILS, number=number, holder=holder))

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"institution": "3"}, "institution-not-three-digits"),
            ({"institution": "000"}, "institution-not-three-digits"),
            ({"institution": "٠٠٣"}, "institution-not-three-digits"),
            ({"transit": "123456"}, "transit-not-five-digits"),
            ({"transit": "1234-"}, "transit-not-five-digits"),
            ({"number": "1234"}, "number-not-five-to-twelve-digits"),
            ({"number": "1234567890123"}, "number-not-five-to-twelve-digits"),
            ({"number": "1234 567"}, "number-not-five-to-twelve-digits"),
            ({"holder": ""}, "holder-unwritable"),
            ({"holder": "=1+1"}, "holder-unwritable"),
            ({"holder": "A\nB"}, "holder-unwritable"),
            ({"holder": "N" * 71}, "holder-unwritable"),
        ],
    )
    def test_otherwise(self, wrong: dict[str, str], code: str) -> None:
        """What no Canadian bank would know, and no file could say, is refused by its name."""
        with pytest.raises(BankDetailsNotInOrder) as refused:
            must_be_in_order(replace(DETAILS, **wrong))
        assert [reason.code for reason in refused.value.reasons] == [code]

    def test_every_fault_is_named(self) -> None:
        """A form is refused once, with all that is wrong."""
        wrong = BankDetails(institution="", transit="", number="", holder="")
        with pytest.raises(BankDetailsNotInOrder) as refused:
            must_be_in_order(wrong)
        assert [reason.field for reason in refused.value.reasons] == [
            "institution",
            "transit",
            "number",
            "holder",
        ]

    def test_they_are_not_shown(self) -> None:
        """All but the last three digits are hidden, also from logs and tracebacks."""
        assert DETAILS.masked == "••••567"
        assert "1234" not in repr(DETAILS)
        assert "Nordet" not in repr(DETAILS)
