"""Facts for the tests of finance."""

from datetime import date
from uuid import UUID

from shared.contracts.claims import (
    AdvanceApproved,
    AdvanceCancelled,
    AdvanceDisbursed,
    AdvanceReturned,
    AgreementAmended,
    AgreementExecuted,
    ClaimApproved,
    CommitmentReleased,
    ForecastRevised,
    HoldbackForfeited,
    HoldbackReleased,
    IncreaseWithdrawn,
    PaymentDisbursed,
    PaymentReturned,
    PocketShare,
    RecoveryCancelled,
    RecoveryReceived,
    RecoveryRequested,
    RecoveryWrittenOff,
    SetOff,
)
from shared.contracts.selection import AwardApproved, AwardLapsed, IncreaseReserved
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell

T1, T2, T3, T4 = Quarter.all_of(2024)
PROJECT = derived_id("project", "alpha")
PARTICIPANT = derived_id("participant", "alpha")
AWARD = derived_id("award", "alpha")
DAY = date(2023, 4, 3)

Cell = tuple[str, Quarter, int]


def cells(*given: Cell, participant_id: UUID = PARTICIPANT) -> tuple[FundingCell, ...]:
    """Funding cells out of (pocket, quarter, cents)."""
    return tuple(
        FundingCell(
            participant_id=participant_id, pocket=pocket, quarter=quarter, amount=Money(cents)
        )
        for pocket, quarter, cents in given
    )


def match(*given: tuple[Quarter, int], participant_id: UUID = PARTICIPANT) -> tuple[MatchCell, ...]:
    """Match cells out of (quarter, cents)."""
    return tuple(
        MatchCell(participant_id=participant_id, quarter=quarter, cash=Money(cents))
        for quarter, cents in given
    )


def shares(**cents: int) -> tuple[PocketShare, ...]:
    """Shares per pocket."""
    return tuple(PocketShare(pocket=pocket, amount=Money(part)) for pocket, part in cents.items())


def award_approved(*funding: Cell, on: date = DAY, award_id: UUID = AWARD) -> AwardApproved:
    """A committee decided to fund."""
    return AwardApproved(
        project_id=PROJECT,
        award_id=award_id,
        meeting_id=derived_id("meeting", on),
        programme_code="IND-P1",
        programme_version=1,
        title="Alpha",
        participants=(),
        starts_on=on,
        ends_on=on,
        funding=cells(*funding),
        match=(),
        lapses_on=on,
        effective_on=on,
    )


def award_lapsed(*funding: Cell, on: date = DAY) -> AwardLapsed:
    """The promise fell."""
    return AwardLapsed(
        project_id=PROJECT,
        award_id=AWARD,
        programme_code="IND-P1",
        funding=cells(*funding),
        reason="deadline",
        effective_on=on,
    )


def _agreement(on: date) -> dict[str, object]:
    return {
        "project_id": PROJECT,
        "agreement_id": derived_id("agreement", AWARD),
        "programme_code": "IND-P1",
        "effective_on": on,
    }


def agreement_executed(
    *funding: Cell, promised: tuple[MatchCell, ...] = (), on: date = DAY
) -> AgreementExecuted:
    """All parties signed."""
    return AgreementExecuted.model_validate(
        _agreement(on)
        | {
            "award_id": AWARD,
            "participants": (),
            "starts_on": on,
            "ends_on": on,
            "funding": cells(*funding),
            "match": promised,
        }
    )


def agreement_amended(
    *funding: Cell, promised: tuple[MatchCell, ...] = (), on: date = DAY
) -> AgreementAmended:
    """The schedule changed."""
    return AgreementAmended.model_validate(
        _agreement(on)
        | {
            "amendment_id": derived_id("amendment", on),
            "kind": "reprofile",
            "ends_on": on,
            "funding": cells(*funding),
            "match": promised,
        }
    )


def increase_reserved(*funding: Cell, on: date = DAY) -> IncreaseReserved:
    """The pockets hold what the amendment of that day would add."""
    return IncreaseReserved.model_validate(
        _agreement(on) | {"amendment_id": derived_id("amendment", on), "funding": cells(*funding)}
    )


def increase_withdrawn(*funding: Cell, on: date = DAY) -> IncreaseWithdrawn:
    """The amendment of that day will not take effect."""
    return IncreaseWithdrawn.model_validate(
        _agreement(on) | {"amendment_id": derived_id("amendment", on), "funding": cells(*funding)}
    )


def forecast_revised(*funding: Cell, on: date = DAY) -> ForecastRevised:
    """Committed money moved between quarters."""
    return ForecastRevised.model_validate(_agreement(on) | {"funding": cells(*funding)})


def commitment_released(
    *funding: Cell, promised: tuple[MatchCell, ...] = (), on: date = DAY
) -> CommitmentReleased:
    """What will not be used went back."""
    return CommitmentReleased.model_validate(
        _agreement(on) | {"reason": "termination", "funding": cells(*funding), "match": promised}
    )


def _claim(quarter: Quarter, on: date) -> dict[str, object]:
    return _agreement(on) | {
        "claim_id": derived_id("claim", quarter),
        "participant_id": PARTICIPANT,
        "quarter": quarter,
    }


def claim_approved(
    quarter: Quarter,
    *drawn: Cell,
    payable: tuple[PocketShare, ...],
    held_back: tuple[PocketShare, ...] = (),
    reported: int = 0,
    advance: tuple[Cell, ...] = (),
    recovery: tuple[Cell, ...] = (),
    on: date = DAY,
) -> ClaimApproved:
    """A claim is owed."""
    return ClaimApproved.model_validate(
        _claim(quarter, on)
        | {
            "period_starts_on": quarter.starts_on,
            "period_ends_on": quarter.ends_on,
            "drawn": cells(*drawn),
            "payable": payable,
            "held_back": held_back,
            "match_cash": Money(reported),
            "match_in_kind": ZERO,
            "advance_set_off": _set_off(advance),
            "recovery_set_off": _set_off(recovery),
        }
    )


def _set_off(given: tuple[Cell, ...]) -> tuple[SetOff, ...]:
    return tuple(
        SetOff(of=derived_id("set-off"), pocket=pocket, quarter=quarter, amount=Money(cents))
        for pocket, quarter, cents in given
    )


def holdback_released(quarter: Quarter, on: date = DAY, **released: int) -> HoldbackReleased:
    """What was held back became payable."""
    return HoldbackReleased.model_validate(_claim(quarter, on) | {"released": shares(**released)})


def holdback_forfeited(quarter: Quarter, on: date = DAY, **forfeited: int) -> HoldbackForfeited:
    """What was held back is given up."""
    return HoldbackForfeited.model_validate(
        _claim(quarter, on) | {"forfeited": shares(**forfeited)}
    )


def payment_disbursed(quarter: Quarter, on: date = DAY, **paid: int) -> PaymentDisbursed:
    """Money left for a participant."""
    return PaymentDisbursed.model_validate(
        _claim(quarter, on) | {"payment_id": derived_id("payment", quarter), "paid": shares(**paid)}
    )


def payment_returned(quarter: Quarter, on: date = DAY, **returned: int) -> PaymentReturned:
    """A payment came back."""
    return PaymentReturned.model_validate(
        _claim(quarter, on)
        | {
            "payment_id": derived_id("payment", quarter),
            "returned": shares(**returned),
            "reason": "account closed",
        }
    )


def _advance(quarter: Quarter, on: date) -> dict[str, object]:
    return _agreement(on) | {
        "advance_id": derived_id("advance", quarter),
        "participant_id": PARTICIPANT,
        "quarter": quarter,
    }


def advance_approved(
    quarter: Quarter, *drawn: Cell, on: date = DAY, **payable: int
) -> AdvanceApproved:
    """Money is owed before it is spent."""
    return AdvanceApproved.model_validate(
        _advance(quarter, on) | {"drawn": cells(*drawn), "payable": shares(**payable)}
    )


def advance_cancelled(quarter: Quarter, *drawn: Cell, on: date = DAY) -> AdvanceCancelled:
    """An unpaid advance was given up."""
    return AdvanceCancelled.model_validate(_advance(quarter, on) | {"drawn": cells(*drawn)})


def advance_disbursed(quarter: Quarter, on: date = DAY, **paid: int) -> AdvanceDisbursed:
    """An advance was paid."""
    payment = {"payment_id": derived_id("payment", quarter), "paid": shares(**paid)}
    return AdvanceDisbursed.model_validate(_advance(quarter, on) | payment)


def advance_returned(quarter: Quarter, on: date = DAY, **returned: int) -> AdvanceReturned:
    """Its payment came back."""
    payment = {
        "payment_id": derived_id("payment", quarter),
        "returned": shares(**returned),
        "reason": "account closed",
    }
    return AdvanceReturned.model_validate(_advance(quarter, on) | payment)


def _recovery(on: date) -> dict[str, object]:
    return _agreement(on) | {
        "recovery_id": derived_id("recovery"),
        "participant_id": PARTICIPANT,
    }


def recovery_requested(*parts: Cell, on: date = DAY) -> RecoveryRequested:
    """What was paid is asked back."""
    asked = {"advance_id": None, "parts": cells(*parts), "due_on": on}
    return RecoveryRequested.model_validate(_recovery(on) | asked)


def recovery_received(*received: Cell, interest: int = 0, on: date = DAY) -> RecoveryReceived:
    """It came back."""
    came = {"received": cells(*received), "interest": Money(interest)}
    return RecoveryReceived.model_validate(_recovery(on) | came)


def recovery_written_off(*parts: Cell, on: date = DAY) -> RecoveryWrittenOff:
    """It was given up."""
    given_up = {"written_off": cells(*parts), "interest_waived": ZERO}
    return RecoveryWrittenOff.model_validate(_recovery(on) | given_up)


def recovery_cancelled(*parts: Cell, on: date = DAY) -> RecoveryCancelled:
    """It is asked for no more."""
    return RecoveryCancelled.model_validate(_recovery(on) | {"cancelled": cells(*parts)})
