"""
How a worked ledger of one agreement is read.

A page is read from top to bottom, and the first column of a table says what the table is.
What is agreed comes first: ``term`` (the programme's rules) and ``participant`` (the schedule,
with which the agreement is signed and executed). A table that begins with ``on`` holds what people
then do; a row without a date goes on with the step above. All other tables hold what follows from
that: ``pocket`` (the statement; with a column ``participant``, of each of them), ``quarter`` (what
is still committed, and for when), ``rule`` (how the claim approved last was calculated), ``part``
(where its money stands, or came from) and ``outstanding`` (advances to be accounted for, and
recoveries). Such a table is complete: what is nil may be left out, and nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from services.claims.domain.agreement import DECIDER
from services.claims.domain.commands import (
    AgreementCommand,
    CompleteProject,
    DisbursePayment,
    RecoveryPart,
    RequestRecovery,
    TerminateAgreement,
)
from services.claims.domain.events import AgreementEvent, ClaimApproved
from services.claims.domain.state import Agreement, Balance
from services.claims.domain.values import (
    AcceptedLine,
    CategoryTerms,
    ClaimFrequency,
    ProgrammeTerms,
    ReductionCode,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, Money, total
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from shared.kernel.schedule import FundingCell, MatchCell
from tests.ledgers.reading import Grid, Row, dollars, grids, shown
from tests.unit.claims.advances import asking, granting, receiving
from tests.unit.claims.scenario import (
    EXECUTION,
    OFFICER,
    PAYER,
    approving,
    assert_identity,
    assessing,
    certifying,
    claiming,
    drafting,
    form,
    line,
    party,
    scheduling,
    signing,
)

STANDING = ("committed", "payable", "held back", "paid", "released")
"""Wherever contracted money can stand."""
DUE_AFTER = timedelta(days=30)
"""What is asked back is due this long after the request."""


@dataclass
class Ledger:
    """One agreement, and what the page has said of it so far."""

    terms: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    """Of the participants, in the order of the schedule."""
    events: list[AgreementEvent] = field(default_factory=list)
    of_participant: dict[tuple[str, UUID], UUID] = field(default_factory=dict)
    """The last advance and the last recovery of each participant."""

    def carry_out(self, *commands: AgreementCommand) -> list[AgreementEvent]:
        """Decide commands on what happened before; the identity holds after each."""
        fresh: list[AgreementEvent] = []
        for command in commands:
            decided = DECIDER.decide(command, DECIDER.fold([*self.events, *fresh]))
            assert decided, f"nothing follows from {type(command).__name__}"
            fresh += decided
            state = DECIDER.fold([*self.events, *fresh])
            assert isinstance(state, Agreement)
            assert_identity(state)
        self.events += fresh
        return fresh

    @property
    def agreement(self) -> Agreement:
        """As it stands."""
        state = DECIDER.fold(self.events)
        assert isinstance(state, Agreement), "the page has no schedule yet"
        return state

    def last_claim(self) -> ClaimApproved:
        """The claim that was approved last."""
        return next(each for each in reversed(self.events) if isinstance(each, ClaimApproved))

    def name(self, participant_id: UUID) -> str:
        """Of a participant."""
        return next(each for each in self.names if participant(each) == participant_id)


def check(page: Path) -> int:
    """
    Read a page and compare all that it says; the number of tables that were compared.

    Raises ``AssertionError`` with the page, the line and the column of the first wrong cell.
    """
    ledger, compared = Ledger(), 0
    for grid in grids(page):
        what = grid.header[0]
        if what == "term":
            ledger.terms |= {row["term"]: row["value"] for row in grid.rows}
        elif what == "participant":
            _conclude(ledger, grid.rows)
        elif what == "on":
            for number, rows in _steps(grid):
                try:
                    _carry_out(ledger, rows)
                except (AssertionError, Refusal) as wrong:
                    raise AssertionError(f"{page.name}, line {number}: {wrong}") from wrong
        else:
            assert what in SAID, f"{page.name}, line {grid.line}: no such table: {what}"
            _compare(page, grid, SAID[what](ledger, grid))
            compared += 1
    return compared


# What is agreed.


def participant(name: str) -> UUID:
    """The participant of that name."""
    return derived_id("participant", name)


def _organisation(name: str) -> UUID:
    return derived_id("organisation", name)


def _per_cent(text: str) -> int:
    """``12.5 %`` in basis points."""
    return dollars(text.removesuffix("%").strip()).cents


def programme_terms(terms: dict[str, str]) -> ProgrammeTerms:
    """The programme's rules; what a page does not say is nil."""
    known = {"rate", "holdback", "claims", "advances", "participant cap", "stacking limit"}
    by_category: dict[str, dict[str, int]] = {}
    for term, value in terms.items():
        what, _, category = term.rpartition(" of ")
        if what in {"cap", "overhead"}:
            key = {"cap": "share_bp", "overhead": "overhead_bp"}[what]
            by_category.setdefault(category, {})[key] = _per_cent(value)
        else:
            assert term in known, f"no such term: {term}"
    of_all = {
        name: _per_cent(terms[term])
        for term, name in (
            ("participant cap", "participant_share_bp"),
            ("stacking limit", "stacking_limit_bp"),
        )
        if term in terms
    }
    return ProgrammeTerms(
        version=1,
        reimbursement_rate_bp=_per_cent(terms["rate"]),
        holdback_bp=_per_cent(terms.get("holdback", "0 %")),
        claim_frequency=ClaimFrequency(terms.get("claims", "quarterly")),
        cost_categories=(),
        categories=tuple(CategoryTerms(category=each, **by_category[each]) for each in by_category),
        advances_allowed=terms.get("advances") == "yes",
        **of_all,
    )


def _conclude(ledger: Ledger, rows: tuple[Row, ...]) -> None:
    """Draft the agreement with its schedule, have everybody sign it, and execute it."""
    ledger.names = list(dict.fromkeys(row["participant"] for row in rows))
    draft = drafting(funding=funding(rows), match=match(rows), terms=programme_terms(ledger.terms))
    parties = tuple(
        party(participant(name), _organisation(name), "other" if index else "lead")
        for index, name in enumerate(ledger.names)
    )
    signatures = [signing(participant(name), _organisation(name)) for name in ledger.names]
    ledger.carry_out(replace(draft, participants=parties), *signatures, EXECUTION)


def funding(rows: tuple[Row, ...]) -> tuple[FundingCell, ...]:
    """Public money of a schedule."""
    return tuple(
        FundingCell(
            participant_id=participant(row["participant"]),
            pocket=row["pocket"],
            quarter=Quarter.parse(row["quarter"]),
            amount=dollars(row["public"]),
        )
        for row in rows
        if row["public"]
    )


def match(rows: tuple[Row, ...]) -> tuple[MatchCell, ...]:
    """The participants' own money of a schedule."""
    return tuple(
        MatchCell(
            participant_id=participant(row["participant"]),
            quarter=Quarter.parse(row["quarter"]),
            cash=dollars(row["match"]),
        )
        for row in rows
        if row["match"]
    )


# What people do.


def _steps(grid: Grid) -> Iterator[tuple[int, list[Row]]]:
    """Each step, and the line it starts at."""
    groups: list[tuple[int, list[Row]]] = []
    for index, row in enumerate(grid.rows):
        if row["on"]:
            groups.append((_line(grid, index), []))
        groups[-1][1].append(row)
    yield from groups


def _carry_out(ledger: Ledger, rows: list[Row]) -> None:
    refused = rows[0].get("refused", "")
    assert rows[0]["step"] in STEPS, f"no such step: {rows[0]['step']}"
    try:
        STEPS[rows[0]["step"]](ledger, date.fromisoformat(rows[0]["on"]), rows)
    except Refusal as refusal:
        codes = [reason.code for reason in refusal.reasons] or [refusal.code()]
        assert codes == refused.split(), f"refused: {' '.join(codes)}"
    else:
        assert not refused, f"not refused: {refused}"


def _claim_id(row: Row) -> UUID:
    return derived_id("claim", row["participant"], row["for"])


def _period(text: str) -> tuple[date, date]:
    """``2024-T1``, or ``2024-03-01 to 2024-03-31``."""
    if " to " not in text:
        return Quarter.parse(text).starts_on, Quarter.parse(text).ends_on
    starts_on, ends_on = text.split(" to ")
    return date.fromisoformat(starts_on), date.fromisoformat(ends_on)


def _claims(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """A participant drafts and certifies a claim: one line for each row."""
    starts_on, ends_on = _period(rows[0]["for"])
    lines = (
        line(
            dollars(row["amount"]).cents,
            category=row["what"],
            incurred=(starts_on, ends_on),
            paid_on=ends_on,
        )
        for row in rows
    )
    claim_id, organisation_id = _claim_id(rows[0]), _organisation(rows[0]["participant"])
    what = form(
        *lines,
        starts_on=starts_on,
        ends_on=ends_on,
        participant=participant(rows[0]["participant"]),
    )
    ledger.carry_out(
        claiming(what, claim_id=claim_id, organisation_id=organisation_id, on=on),
        certifying(claim_id, organisation_id=organisation_id, on=on),
    )


def _is_approved(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """A claim is assessed and approved: as claimed, or what the rows accept of a category."""
    claim_id = _claim_id(rows[0])
    lines = ledger.agreement.claims[claim_id].form.lines
    less = {row["what"]: dollars(row["amount"]) for row in rows if row["what"]}
    assert less.keys() <= {each.category for each in lines}, "more is accepted than was claimed"
    accepted = (
        AcceptedLine(
            line=index,
            cash=less[each.category],
            in_kind=ZERO,
            reason="not eligible",
            code=ReductionCode.OTHER,
        )
        for index, each in enumerate(lines)
        if each.category in less
    )
    ledger.carry_out(assessing(claim_id, *accepted, on=on), approving(claim_id, on=on))


def _is_paid(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """All that is payable of a claim, or of an advance, leaves; the page says how much."""
    (row,) = rows
    payable_id = (
        ledger.of_participant["advance", participant(row["participant"])]
        if row["for"] == "advance"
        else _claim_id(row)
    )
    payment_id = derived_id("payment", payable_id, on)
    ledger.carry_out(
        scheduling(payable_id, payment_id=payment_id, on=on),
        DisbursePayment(payment_id=payment_id, paid_on=on, by=PAYER, on=on),
    )
    paid = total(share.amount for share in ledger.agreement.payments[payment_id].paid)
    assert paid == dollars(row["amount"]), f"{shown(paid.cents)} is paid"


def _is_advanced(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """An advance is asked for, month by month, and granted."""
    who = participant(rows[0]["participant"])
    advance_id = derived_id("advance", who, on)
    ledger.of_participant["advance", who] = advance_id
    months = (
        (date.fromisoformat(f"{row['what']}-01"), dollars(row["amount"]).cents) for row in rows
    )
    ask = asking(
        *months,
        advance_id=advance_id,
        participant=who,
        organisation_id=_organisation(rows[0]["participant"]),
        on=on,
    )
    ledger.carry_out(ask, granting(advance_id, on=on))


def _is_asked_back(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """What was paid for claims is asked back, by quarter and pocket."""
    who = participant(rows[0]["participant"])
    recovery_id = derived_id("recovery", who, on, rows[0]["for"])
    parts = tuple(
        RecoveryPart(
            pocket=row["what"], quarter=Quarter.parse(row["for"]), amount=dollars(row["amount"])
        )
        for row in rows
    )
    ledger.carry_out(
        RequestRecovery(
            recovery_id=recovery_id,
            participant_id=who,
            parts=parts,
            due_on=on + DUE_AFTER,
            reason="not eligible",
            by=OFFICER,
            on=on,
        )
    )
    ledger.of_participant["recovery", who] = recovery_id


def _pays_back(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """Money comes back for what was asked last."""
    (row,) = rows
    recovery_id = ledger.of_participant["recovery", participant(row["participant"])]
    ledger.carry_out(
        receiving(dollars(row["amount"]).cents, recovery_id=recovery_id, received_on=on, on=on)
    )


def _is_terminated(ledger: Ledger, on: date, _rows: list[Row]) -> None:
    """The agreement ends before its time."""
    ledger.carry_out(TerminateAgreement(terminated_on=on, reason="insolvency", by=OFFICER, on=on))


def _is_completed(ledger: Ledger, on: date, _rows: list[Row]) -> None:
    """The project is closed."""
    ledger.carry_out(CompleteProject(completed_on=on, by=OFFICER, on=on))


STEPS: dict[str, Callable[[Ledger, date, list[Row]], None]] = {
    "claims": _claims,
    "is approved": _is_approved,
    "is paid": _is_paid,
    "is advanced": _is_advanced,
    "is asked back": _is_asked_back,
    "pays back": _pays_back,
    "agreement terminated": _is_terminated,
    "project completed": _is_completed,
}


# What follows.


def _statement(ledger: Ledger, grid: Grid) -> list[Row]:
    """Where the contracted money stands, pocket by pocket, and over all of them."""
    balances = ledger.agreement.balances
    assert set(STANDING) | {"contracted"} <= set(grid.header), "a statement has every column"
    if "participant" in grid.header:
        found = [
            ({"pocket": pocket, "participant": name}, balance)
            for name in ledger.names
            for pocket, balance in balances(participant(name)).items()
        ]
        nobody = {"participant": ""}
    else:
        found = [({"pocket": pocket}, balance) for pocket, balance in balances().items()]
        nobody = {}
    rows = [key | _amounts(balance) for key, balance in found]
    if grid.rows[-1]["pocket"] == "total":
        sums = {
            name: shown(total(dollars(row[name]) for row in rows).cents)
            for name in ("contracted", *STANDING)
        }
        rows.append({"pocket": "total"} | nobody | sums)
    return rows


def _amounts(balance: Balance) -> Row:
    return {
        name: shown(getattr(balance, name.replace(" ", "_")).cents)
        for name in ("contracted", *STANDING)
    }


def _commitment(ledger: Ledger, grid: Grid) -> list[Row]:
    """What is still committed, and for when."""
    cells: dict[tuple[str, ...], Money] = {}
    keys = grid.header[:-1]
    for cell in ledger.agreement.funding_left():
        whole = {
            "quarter": str(cell.quarter),
            "participant": ledger.name(cell.participant_id),
            "pocket": cell.pocket,
        }
        key = tuple(whole[name] for name in keys)
        cells[key] = cells.get(key, ZERO) + cell.amount
    return [
        dict(zip(keys, key, strict=True)) | {grid.header[-1]: shown(amount.cents)}
        for key, amount in sorted(cells.items())
    ]


def _calculation(ledger: Ledger, _grid: Grid) -> list[Row]:
    """What every rule changed of the claim that was approved last, and what it left."""
    rows: list[Row] = []
    before = ZERO
    for step in ledger.last_claim().steps:
        rows.append(
            {
                "rule": step.rule.replace("-", " "),
                "change": shown((step.amount - before).cents),
                "leaves": shown(step.amount.cents),
            }
        )
        before = step.amount
    return rows


def _parts(ledger: Ledger, _grid: Grid) -> list[Row]:
    """Where the money of the claim that was approved last came from, and where it stands."""
    claim = ledger.last_claim()
    found = [
        *(("drawn", each.pocket, str(each.quarter), each.amount) for each in claim.drawn),
        *(("held back", each.pocket, "", each.amount) for each in claim.held_back),
        *(("payable", each.pocket, "", each.amount) for each in claim.payable),
        *(
            ("advance set off", each.pocket, str(each.quarter), each.amount)
            for each in claim.advance_set_off
        ),
        *(
            ("recovery set off", each.pocket, str(each.quarter), each.amount)
            for each in claim.recovery_set_off
        ),
    ]
    return [
        {"part": part, "pocket": pocket, "quarter": quarter, "amount": shown(amount.cents)}
        for part, pocket, quarter, amount in found
    ]


def _outstanding(ledger: Ledger, _grid: Grid) -> list[Row]:
    """What was advanced and is not accounted for, and what is asked back and did not come."""
    agreement = ledger.agreement
    return [
        {
            "outstanding": what,
            "participant": name,
            "pocket": each.pocket,
            "quarter": str(each.quarter),
            "amount": shown(each.amount.cents),
        }
        for name in ledger.names
        for what, owed in (
            ("advance", agreement.advance_outstanding(participant(name))),
            ("recovery", agreement.recovery_outstanding(participant(name))),
        )
        for each in owed
    ]


SAID: dict[str, Callable[[Ledger, Grid], list[Row]]] = {
    "pocket": _statement,
    "quarter": _commitment,
    "rule": _calculation,
    "part": _parts,
    "outstanding": _outstanding,
}


def _line(grid: Grid, index: int) -> int:
    """The line of the page on which a row of a table stands."""
    return grid.line + 2 + index


def _is_nil(row: Row) -> bool:
    """A row of amounts that are all nil, which says that nothing is left."""
    amounts = [cell for name, cell in row.items() if name in {"committed", "amount"}]
    return bool(amounts) and all(cell == "0.00" for cell in amounts)


def _compare(page: Path, grid: Grid, said: list[Row]) -> None:
    """Every cell of a table is what the agreement gives, and the table has all of its rows."""
    written = [
        (index, row)
        for index, row in enumerate(grid.rows)
        if not (grid.header[0] in {"quarter", "outstanding"} and _is_nil(row))
    ]
    for (index, row), right in zip(written, said, strict=False):
        for column in grid.header:
            assert row[column] == right[column], (
                f"{page.name}, line {_line(grid, index)}, {column}: "
                f"{row[column]!r} should be {right[column]!r}"
            )
        if grid.header[0] == "pocket":
            stands = total(dollars(row[name]) for name in STANDING)
            assert dollars(row["contracted"]) == stands, (
                f"{page.name}, line {_line(grid, index)}, contracted: not where it all stands"
            )
    assert len(written) == len(said), (
        f"{page.name}, line {grid.line}: the table has {len(written)} rows, "
        f"and {len(said)} are right: {said}"
    )
