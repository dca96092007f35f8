"""Random but possible lives of projects, as the other services would tell them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from uuid import UUID

from services.finance.domain.events import (
    ActualRecorded,
    AuthorityChanged,
    AuthorityLapsed,
    DrawdownReceived,
    DrawdownSubmitted,
    FunderAgreementOpened,
    LineKind,
    PlanApproved,
    PlanLine,
    PocketAmount,
    PocketOpened,
)
from shared.contracts import claims, intake, selection
from shared.kernel.identifiers import derived_id
from shared.kernel.money import Money, split_cents
from shared.kernel.periods import Quarter
from shared.kernel.schedule import FundingCell, MatchCell

FUNDERS = {"ISED-P1": ("ISED-P1-PRO", "ISED-P1-SME"), "MEIE-P1": ("MEIE-P1-PRO",)}
POCKETS = tuple(code for codes in FUNDERS.values() for code in codes)
PROGRAMMES = {"IND-P1": "P1", "HEALTH": "PCAIS"}
QUARTERS = (*Quarter.all_of(2024), *Quarter.all_of(2025))
START = date(2023, 1, 9)

Money_by = dict[tuple[str, Quarter], int]


@dataclass
class Life:
    """What one project may still do."""

    project_id: UUID
    programme: str
    participant_id: UUID
    reserved: Money_by
    promised: dict[Quarter, int]
    state: str = "awarded"
    committed: Money_by = field(default_factory=dict)
    owed: list[tuple[Quarter, dict[str, int]]] = field(default_factory=list)
    held: list[tuple[Quarter, dict[str, int]]] = field(default_factory=list)
    paid: list[tuple[Quarter, dict[str, int]]] = field(default_factory=list)
    advance: tuple[Quarter, dict[str, int]] | None = None
    """Approved and not paid."""
    drawn_in_advance: Money_by = field(default_factory=dict)
    advanced: list[tuple[Quarter, dict[str, int]]] = field(default_factory=list)
    asked_back: list[tuple[Quarter, dict[str, int]]] = field(default_factory=list)

    @property
    def of_agreement(self) -> dict[str, Any]:
        """What every contract about its agreement says."""
        return {
            "project_id": self.project_id,
            "agreement_id": derived_id("agreement", self.project_id),
            "programme_code": self.programme,
        }

    def funding(self, cells: Money_by) -> tuple[FundingCell, ...]:
        """Cells as contracts carry them."""
        return tuple(
            FundingCell(
                participant_id=self.participant_id,
                pocket=pocket,
                quarter=quarter,
                amount=Money(cents),
            )
            for (pocket, quarter), cents in cells.items()
        )

    def match(self) -> tuple[MatchCell, ...]:
        """What its participants promise."""
        return tuple(
            MatchCell(
                participant_id=self.participant_id,
                quarter=quarter,
                cash=Money(cents - cents // 3),
                in_kind=Money(cents // 3),
            )
            for quarter, cents in self.promised.items()
        )


def story(random: Random, length: int) -> Iterator[tuple[Any, datetime]]:
    """Facts, each with the instant it is heard; days go by, some are heard late."""
    on = START
    for fact in _opening(on):
        yield fact, _noon(on)
    lives: list[Life] = []
    due: list[DrawdownSubmitted] = []
    plans = 0
    for number in range(length):
        on += timedelta(days=random.choice((0, 0, 1, 1, 5, 20)))
        effective_on = on - timedelta(days=random.choice((0, 0, 0, 3, 40)))
        choice = random.random()
        if choice < 0.12 or not lives:
            life, fact = _award(random, number, effective_on)
            lives.append(life)
        elif choice < 0.2:
            fact = _ours(random, number, effective_on, due)
        elif choice < 0.24:
            plans += 1
            fact = _plan(random, plans, on)
        else:
            fact = _next(random, random.choice(lives), number, effective_on)
        if fact is not None:
            yield fact, _noon(on)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(17), UTC)


def _opening(on: date) -> Iterator[Any]:
    for agreement, pockets in FUNDERS.items():
        funder = agreement.split("-")[0]
        yield FunderAgreementOpened(
            code=agreement,
            funder=funder,
            name_en=agreement,
            name_fr=agreement,
            pockets=pockets,
            effective_on=on,
        )
        for code in pockets:
            yield PocketOpened(
                pocket=code,
                funder=funder,
                funder_agreement=agreement,
                name_en=code,
                name_fr=code,
                authority=Money(1_000_000_00),
                effective_on=on,
            )
    for code, phase in PROGRAMMES.items():
        yield intake.ProgrammePublished(
            code=code,
            version=1,
            name_en=code,
            name_fr=code,
            phase=phase,
            pockets=POCKETS,
            reimbursement_rate_bp=5_000,
            holdback_bp=1_000,
            claim_frequency="quarterly",
            survey_years=5,
            effective_on=on,
        )


def _award(random: Random, number: int, on: date) -> tuple[Life, selection.AwardApproved]:
    project_id = UUID(int=random.getrandbits(128), version=4)
    life = Life(
        project_id=project_id,
        programme=random.choice(tuple(PROGRAMMES)),
        participant_id=derived_id("participant", project_id),
        reserved={
            (pocket, quarter): random.randint(1, 90_000)
            for pocket in random.sample(POCKETS, random.randint(1, 3))
            for quarter in random.sample(QUARTERS, random.randint(1, 4))
        },
        promised={quarter: random.randint(1, 90_000) for quarter in random.sample(QUARTERS, 2)},
    )
    return life, selection.AwardApproved(
        project_id=project_id,
        award_id=derived_id("award", project_id),
        meeting_id=derived_id("meeting", number),
        programme_code=life.programme,
        programme_version=1,
        title="",
        participants=(),
        starts_on=on,
        ends_on=on,
        funding=life.funding(life.reserved),
        match=life.match(),
        lapses_on=on,
        effective_on=on,
    )


def _ours(random: Random, number: int, on: date, due: list[DrawdownSubmitted]) -> Any:
    what = random.choice(("actual", "drawdown", "receipt", "authority", "lapse"))
    if what == "drawdown":
        submitted = DrawdownSubmitted(
            drawdown_id=derived_id("drawdown", number),
            funder_agreement="ISED-P1",
            pockets=tuple(
                PocketAmount(pocket=code, amount=Money(random.randint(1, 50_000)))
                for code in FUNDERS["ISED-P1"]
            ),
            effective_on=on,
        )
        due.append(submitted)
        return submitted
    if what == "receipt" and due:
        submitted = due.pop()
        return DrawdownReceived(
            drawdown_id=submitted.drawdown_id,
            funder_agreement=submitted.funder_agreement,
            pockets=submitted.pockets,
            effective_on=on,
        )
    if what == "authority":
        return AuthorityChanged(
            pocket="ISED-P1-SME",
            funder="ISED",
            funder_agreement="ISED-P1",
            previous=Money(1_000_000_00 + number),
            authority=Money(1_000_000_00 + number + random.randint(-5, 5)),
            effective_on=on,
        )
    if what == "lapse":
        return AuthorityLapsed(
            pocket="ISED-P1-SME",
            funder="ISED",
            funder_agreement="ISED-P1",
            fiscal_year=2024,
            lapsed=Money(random.randint(1, 5)),
            authority=Money(1_000_000_00),
            effective_on=on,
            yearly=(),
        )
    kind = random.choice((LineKind.OPERATIONS, LineKind.OPERATIONS_FUNDING, LineKind.OTHER_REVENUE))
    return ActualRecorded(
        actual_id=derived_id("actual", number),
        kind=kind,
        code="ISED-P1" if kind is LineKind.OPERATIONS_FUNDING else "CODE",
        amount=Money(random.randint(1, 9_999)),
        effective_on=on,
    )


def _plan(random: Random, version: int, on: date) -> PlanApproved:
    def line(kind: LineKind, code: str, programme: str | None, quarter: Quarter) -> PlanLine:
        return PlanLine(
            kind=kind,
            code=code,
            programme=programme,
            quarter=quarter,
            amount=Money(random.randint(0, 200_000)),
        )

    return PlanApproved(
        fiscal_year=2024,
        version=version,
        lines=(
            *(
                line(LineKind.NEW_BUSINESS, code, programme, quarter)
                for code in (*POCKETS, "MATCH")
                for programme in PROGRAMMES
                for quarter in Quarter.all_of(2024)
                if random.random() < 0.5
            ),
            line(LineKind.OPERATIONS, "CODE", None, Quarter(2024, 2)),
            line(LineKind.OPERATIONS_FUNDING, "ISED-OPS", None, Quarter(2024, 2)),
            line(LineKind.OTHER_REVENUE, "CODE", None, Quarter(2024, 4)),
        ),
        effective_on=on,
    )


def _next(random: Random, life: Life, number: int, on: date) -> Any:
    if life.state == "awarded":
        return _leave_reservation(random, life, on)
    if life.state != "signed":
        return None
    steps = [_amend, _forecast, _claim, _claim, _claim, _close]
    steps += [_pay, _pay] if life.owed else []
    steps += [_give_back] if life.paid else []
    steps += [_free_holdback] if life.held else []
    steps += [_advance] if life.advance is None else [_pay_advance, _cancel_advance]
    steps += [_return_advance] if life.advanced and life.advance is None else []
    steps += [_ask_back] if life.paid or life.advanced else []
    steps += [_recover, _recover, _give_up] if life.asked_back else []
    return random.choice(steps)(random, life, number, on)


def _leave_reservation(random: Random, life: Life, on: date) -> Any:
    if random.random() < 0.15:
        life.state = "lapsed"
        return selection.AwardLapsed(
            project_id=life.project_id,
            award_id=derived_id("award", life.project_id),
            programme_code=life.programme,
            funding=life.funding(life.reserved),
            reason="deadline",
            effective_on=on,
        )
    life.state = "signed"
    life.committed = {cell: random.randint(1, cents + 100) for cell, cents in life.reserved.items()}
    return claims.AgreementExecuted(
        **life.of_agreement,
        award_id=derived_id("award", life.project_id),
        participants=(),
        starts_on=on,
        ends_on=on,
        funding=life.funding(life.committed),
        match=life.match(),
        effective_on=on,
    )


def _amend(random: Random, life: Life, number: int, on: date) -> Any:
    change = {cell: random.randint(-cents, 500) for cell, cents in life.committed.items()}
    for cell, cents in change.items():
        life.committed[cell] += cents
    return claims.AgreementAmended(
        **life.of_agreement,
        amendment_id=derived_id("amendment", number),
        kind="reprofile",
        ends_on=on,
        funding=life.funding(change),
        match=(),
        effective_on=on,
    )


def _forecast(random: Random, life: Life, _number: int, on: date) -> Any:
    pocket, quarter = random.choice(sorted(life.committed))
    later = random.choice(QUARTERS)
    moved = random.randint(0, life.committed[pocket, quarter])
    if later == quarter or not moved:
        return None
    life.committed[pocket, quarter] -= moved
    life.committed[pocket, later] = life.committed.get((pocket, later), 0) + moved
    change = {(pocket, quarter): -moved, (pocket, later): moved}
    return claims.ForecastRevised(
        **life.of_agreement, funding=life.funding(change), effective_on=on
    )


def _of_claim(life: Life, number: int, quarter: Quarter, on: date) -> dict[str, Any]:
    return life.of_agreement | {
        "claim_id": derived_id("claim", number),
        "participant_id": life.participant_id,
        "quarter": quarter,
        "effective_on": on,
    }


def _shares(cents: dict[str, int]) -> tuple[claims.PocketShare, ...]:
    return tuple(
        claims.PocketShare(pocket=pocket, amount=Money(part)) for pocket, part in cents.items()
    )


def _claim(random: Random, life: Life, number: int, on: date) -> Any:
    drawn = {cell: random.randint(0, cents) for cell, cents in life.committed.items()}
    by_pocket: dict[str, int] = {}
    for (pocket, quarter), cents in drawn.items():
        life.committed[pocket, quarter] -= cents
        by_pocket[pocket] = by_pocket.get(pocket, 0) + cents
    held = {pocket: cents // 10 for pocket, cents in by_pocket.items()}
    payable = {pocket: cents - held[pocket] for pocket, cents in by_pocket.items()}
    quarter = random.choice(QUARTERS)
    kept = _settle(random, life.asked_back, sum(payable.values()))
    owed_back = sum(part.amount.cents for part in kept)
    if owed_back:
        pockets = sorted(payable)
        taken = split_cents(owed_back, [payable[pocket] for pocket in pockets])
        payable = {
            pocket: payable[pocket] - cents for pocket, cents in zip(pockets, taken, strict=True)
        }
    advanced = _settle(random, life.advanced, 1_000_00)
    life.owed.append((quarter, payable))
    life.held.append((quarter, held))
    return claims.ClaimApproved(
        **_of_claim(life, number, quarter, on),
        period_starts_on=quarter.starts_on,
        period_ends_on=quarter.ends_on,
        drawn=life.funding(drawn),
        payable=_shares(payable),
        held_back=_shares(held),
        advance_set_off=tuple(advanced),
        recovery_set_off=tuple(kept),
        match_cash=Money(random.randint(0, 9_000)),
        match_in_kind=Money(random.randint(0, 900)),
    )


def _settle(
    random: Random, outstanding: list[tuple[Quarter, dict[str, int]]], at_most: int
) -> list[claims.SetOff]:
    """Parts of what is outstanding, oldest first: they are outstanding no more."""
    parts: list[claims.SetOff] = []
    for quarter, shares in outstanding:
        for pocket, cents in shares.items():
            taken = min(cents, random.choice((0, at_most // 2, at_most)))
            at_most -= taken
            shares[pocket] -= taken
            if taken:
                parts.append(
                    claims.SetOff(
                        of=derived_id("outstanding", quarter),
                        pocket=pocket,
                        quarter=quarter,
                        amount=Money(taken),
                    )
                )
    return parts


def _of_advance(life: Life, number: int, quarter: Quarter, on: date) -> dict[str, Any]:
    return life.of_agreement | {
        "advance_id": derived_id("advance", number),
        "participant_id": life.participant_id,
        "quarter": quarter,
        "effective_on": on,
    }


def _advance(random: Random, life: Life, number: int, on: date) -> Any:
    drawn = {cell: random.randint(0, cents) for cell, cents in life.committed.items()}
    payable: dict[str, int] = {}
    for (pocket, quarter), cents in drawn.items():
        life.committed[pocket, quarter] -= cents
        payable[pocket] = payable.get(pocket, 0) + cents
    quarter = random.choice(QUARTERS)
    life.advance = quarter, payable
    life.drawn_in_advance = drawn
    return claims.AdvanceApproved(
        **_of_advance(life, number, quarter, on),
        drawn=life.funding(drawn),
        payable=_shares(payable),
    )


def _pay_advance(_random: Random, life: Life, number: int, on: date) -> Any:
    assert life.advance is not None
    quarter, shares = life.advance
    life.advance = None
    life.advanced.append((quarter, dict(shares)))
    return claims.AdvanceDisbursed(
        **_of_advance(life, number, quarter, on),
        payment_id=derived_id("payment", number),
        paid=_shares(shares),
    )


def _return_advance(_random: Random, life: Life, number: int, on: date) -> Any:
    quarter, shares = life.advanced.pop()
    life.advance = quarter, shares
    life.drawn_in_advance = {(pocket, quarter): cents for pocket, cents in shares.items()}
    return claims.AdvanceReturned(
        **_of_advance(life, number, quarter, on),
        payment_id=derived_id("payment", number),
        returned=_shares(shares),
        reason="account closed",
    )


def _cancel_advance(_random: Random, life: Life, number: int, on: date) -> Any:
    assert life.advance is not None
    quarter, _ = life.advance
    life.advance = None
    for cell, cents in life.drawn_in_advance.items():
        life.committed[cell] = life.committed.get(cell, 0) + cents
    return claims.AdvanceCancelled(
        **_of_advance(life, number, quarter, on), drawn=life.funding(life.drawn_in_advance)
    )


def _parts(life: Life, quarter: Quarter, shares: dict[str, int]) -> tuple[FundingCell, ...]:
    return life.funding({(pocket, quarter): cents for pocket, cents in shares.items() if cents})


def _of_recovery(life: Life, on: date) -> dict[str, Any]:
    return life.of_agreement | {
        "recovery_id": derived_id("recovery", life.project_id),
        "participant_id": life.participant_id,
        "effective_on": on,
    }


def _ask_back(random: Random, life: Life, _number: int, on: date) -> Any:
    of_what = random.choice([each for each in (life.paid, life.advanced) if each])
    quarter, shares = of_what.pop(random.randrange(len(of_what)))
    life.asked_back.append((quarter, dict(shares)))
    return claims.RecoveryRequested(
        **_of_recovery(life, on), advance_id=None, parts=_parts(life, quarter, shares), due_on=on
    )


def _recover(random: Random, life: Life, _number: int, on: date) -> Any:
    quarter, shares = life.asked_back[0]
    received = {pocket: random.randint(0, cents) for pocket, cents in shares.items()}
    for pocket, cents in received.items():
        shares[pocket] -= cents
    return claims.RecoveryReceived(
        **_of_recovery(life, on),
        received=_parts(life, quarter, received),
        interest=Money(random.choice((0, random.randint(1, 99)))),
    )


def _give_up(random: Random, life: Life, _number: int, on: date) -> Any:
    quarter, shares = life.asked_back.pop()
    parts = _parts(life, quarter, shares)
    if random.random() < 0.5:
        return claims.RecoveryWrittenOff(
            **_of_recovery(life, on), written_off=parts, interest_waived=Money(0)
        )
    return claims.RecoveryCancelled(**_of_recovery(life, on), cancelled=parts)


def _pay(_random: Random, life: Life, number: int, on: date) -> Any:
    quarter, shares = life.owed.pop(0)
    life.paid.append((quarter, shares))
    return claims.PaymentDisbursed(
        **_of_claim(life, number, quarter, on),
        payment_id=derived_id("payment", number),
        paid=_shares(shares),
    )


def _give_back(_random: Random, life: Life, number: int, on: date) -> Any:
    quarter, shares = life.paid.pop()
    life.owed.append((quarter, shares))
    return claims.PaymentReturned(
        **_of_claim(life, number, quarter, on),
        payment_id=derived_id("payment", number),
        returned=_shares(shares),
        reason="account closed",
    )


def _free_holdback(_random: Random, life: Life, number: int, on: date) -> Any:
    quarter, shares = life.held.pop()
    life.owed.append((quarter, shares))
    return claims.HoldbackReleased(**_of_claim(life, number, quarter, on), released=_shares(shares))


def _close(random: Random, life: Life, _number: int, on: date) -> Any:
    if random.random() < 0.6:
        return None
    life.state = "closed"
    return claims.CommitmentReleased(
        **life.of_agreement,
        reason="termination",
        funding=life.funding({cell: cents for cell, cents in life.committed.items() if cents}),
        match=(),
        effective_on=on,
    )
