"""What people do on a page: each step as the commands of the real thing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain.changes import ParticipantWithdrawal
from services.claims.domain.commands import (
    ApproveAmendment,
    CompleteProject,
    DisbursePayment,
    ProposeAmendment,
    RecoveryPart,
    RequestRecovery,
    TerminateAgreement,
)
from services.claims.domain.values import (
    AcceptedLine,
    ParticipantShare,
    ReductionCode,
)
from shared.kernel.identifiers import derived_id
from shared.kernel.money import ZERO, total
from shared.kernel.periods import Quarter
from shared.kernel.refusals import Refusal
from tests.ledgers.claims.agreed import Ledger, funding, match, organisation, participant
from tests.ledgers.reading import Row, dollars, shown
from tests.unit.claims.advances import asking, granting, receiving
from tests.unit.claims.scenario import (
    MANAGER,
    OFFICER,
    PAYER,
    approving,
    assessing,
    certifying,
    claiming,
    form,
    line,
    scheduling,
)

DUE_AFTER = timedelta(days=30)
"""What is asked back is due this long after the request."""
OTHER_GOVERNMENT = "other government"
"""What a claim says beside its costs: support of other governments for them."""


def carry_out(ledger: Ledger, rows: list[Row]) -> None:
    """One step; it is refused exactly where the page says so, for the reasons that it names."""
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
    """A participant drafts and certifies a claim: rows of costs, and what others pay of them."""
    starts_on, ends_on = _period(rows[0]["for"])
    lines = (
        line(
            dollars(row["amount"]).cents,
            category=row["what"],
            incurred=(starts_on, ends_on),
            paid_on=ends_on,
        )
        for row in rows
        if row["what"] != OTHER_GOVERNMENT
    )
    elsewhere = total(dollars(row["amount"]) for row in rows if row["what"] == OTHER_GOVERNMENT)
    claim_id, organisation_id = _claim_id(rows[0]), organisation(rows[0]["participant"])
    what = form(
        *lines,
        starts_on=starts_on,
        ends_on=ends_on,
        participant=participant(rows[0]["participant"]),
    )
    ledger.carry_out(
        claiming(
            replace(what, other_government=elsewhere),
            claim_id=claim_id,
            organisation_id=organisation_id,
            on=on,
        ),
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
        organisation_id=organisation(rows[0]["participant"]),
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


def _is_terminated(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """The agreement ends before its time; the rows say what is to be asked back, if anything."""
    due = tuple(
        ParticipantShare(
            participant_id=participant(row["participant"]),
            pocket=row["what"],
            amount=dollars(row["amount"]),
        )
        for row in rows
        if row["what"]
    )
    ledger.carry_out(
        TerminateAgreement(
            terminated_on=on, reason="insolvency", recovery=due or None, by=OFFICER, on=on
        )
    )


def _leaves(ledger: Ledger, on: date, rows: list[Row]) -> None:
    """A participant withdraws: one officer proposes it, another approves; others get the rows."""
    leaver, *given = rows
    amendment_id = derived_id("amendment", leaver["participant"], on)
    keys = ("participant", "quarter", "pocket", "public", "match")
    cells = tuple(
        dict(
            zip(
                keys,
                (row["participant"], row["for"], row["what"])
                + (("", row["amount"]) if row["what"] == "match" else (row["amount"], "")),
                strict=True,
            )
        )
        for row in given
    )
    change = ParticipantWithdrawal(
        participant_id=participant(leaver["participant"]),
        funding=funding(cells),
        match=match(cells),
    )
    ledger.carry_out(
        ProposeAmendment(
            amendment_id=amendment_id,
            change=change,
            effective_on=on,
            reason=None,
            by=OFFICER,
            by_organisation_id=None,
            on=on,
        ),
        ApproveAmendment(amendment_id=amendment_id, by=MANAGER, by_organisation_id=None, on=on),
    )


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
    "leaves": _leaves,
    "agreement terminated": _is_terminated,
    "project completed": _is_completed,
}
