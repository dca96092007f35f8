"""
Payment runs and the agreements they pay under, decided together: all or nothing.

Each function gives what to append for one request, or refuses with every reason, item by item.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.claims.domain import agreement, bank_account, commands, payment_run
from services.claims.domain.events import AgreementEvent, PaymentScheduled
from services.claims.domain.payable import holds
from services.claims.domain.payment import paid_by
from services.claims.domain.payment_run_life import (
    ApproveRun,
    ConfirmRun,
    Disbursed,
    PaymentRunEvent,
    ProposeRun,
    RejectRun,
    Run,
    RunItem,
)
from services.claims.domain.state import Agreement, AgreementState, NotDrafted
from services.claims.use_cases import streams
from shared.eventstore.store import Stream
from shared.eventstore.together import Changes, Loaded
from shared.kernel.identifiers import derived_id
from shared.kernel.money import total
from shared.kernel.refusals import Invalid, Reason, Refusal, RuleBroken


class PayableTwice(Invalid):
    """A payable is in a payment run once."""

    en = "It is in this payment run already."
    fr = "Cet élément figure déjà dans ce lot de paiements."


class AccountChanged(RuleBroken):
    """What leaves goes to the accounts that the run was proposed with, still verified."""

    en = "The bank account is no longer the verified one that the payment run was proposed with."
    fr = "Le compte bancaire n’est plus celui, vérifié, avec lequel le lot a été proposé."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One thing to pay: a claim or an advance of an agreement."""

    agreement_id: UUID
    payable_id: UUID


class _Agreements:
    """Agreements while one decision is made: several items may be of one, each after the other."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._states: dict[UUID, AgreementState] = {}
        self._events: dict[UUID, list[AgreementEvent]] = {}

    def state(self, agreement_id: UUID) -> AgreementState:
        if agreement_id not in self._states:
            stream = streams.agreement(agreement_id)
            self._states[agreement_id] = self._loaded.state(agreement.DECIDER, stream)
        return self._states[agreement_id]

    def existing(self, agreement_id: UUID) -> Agreement:
        state = self.state(agreement_id)
        if isinstance(state, NotDrafted):
            raise agreement.AgreementUnknown
        return state

    def carry_out(
        self, agreement_id: UUID, command: commands.AgreementCommand
    ) -> Sequence[AgreementEvent]:
        state = self.state(agreement_id)
        events = agreement.DECIDER.decide(command, state)
        for event in events:
            state = agreement.DECIDER.evolve(state, event)
        self._states[agreement_id] = state
        self._events.setdefault(agreement_id, []).extend(events)
        return events

    def changes(self) -> Iterator[tuple[Stream, Sequence[AgreementEvent]]]:
        for agreement_id, events in self._events.items():
            yield streams.agreement(agreement_id), events


def propose(
    loaded: Loaded,
    *,
    run_id: UUID,
    execution_on: date,
    asked: Sequence[Asked],
    by: str,
    on: date,
) -> Changes:
    """Lock every payable on its agreement and put them in one run."""
    payment_run.must_be_possible(items=len(asked), execution_on=execution_on, on=on)
    agreements = _Agreements(loaded)
    items: list[RunItem] = []
    reasons: list[Reason] = []
    seen: set[Asked] = set()
    for index, each in enumerate(asked):
        where = f"items[{index}]"
        if each in seen:
            reasons.append(PayableTwice(field=where).as_reason())
            continue
        seen.add(each)
        try:
            items.append(_item(each, agreements, loaded, run_id=run_id, by=by, on=on))
        except Refusal as refusal:
            reasons += _reasons(refusal, where)
    if reasons:
        raise payment_run.RunNotInOrder(reasons=reasons)
    command = ProposeRun(run_id=run_id, execution_on=execution_on, items=tuple(items), by=by, on=on)
    stream = streams.payment_run(run_id)
    run = loaded.state(payment_run.DECIDER, stream)
    return [*agreements.changes(), (stream, payment_run.DECIDER.decide(command, run))]


def _item(
    asked: Asked, agreements: _Agreements, loaded: Loaded, *, run_id: UUID, by: str, on: date
) -> RunItem:
    payment_id = derived_id("payment", run_id, asked.payable_id)
    command = commands.SchedulePayment(
        payment_id=payment_id, run_id=run_id, payable_id=asked.payable_id, by=by, on=on
    )
    (event,) = agreements.carry_out(asked.agreement_id, command)
    if not isinstance(event, PaymentScheduled):
        raise TypeError(f"payment {payment_id} was not scheduled")
    party = agreements.existing(asked.agreement_id).participants[event.participant_id]
    account = bank_account.verified(
        loaded.state(bank_account.DECIDER, streams.bank_account(party.organisation_id))
    )
    return RunItem(
        payment_id=payment_id,
        agreement_id=asked.agreement_id,
        claim_id=event.claim_id,
        advance_id=event.advance_id,
        participant_id=event.participant_id,
        organisation_id=party.organisation_id,
        account_id=account.account_id,
        amount=total(share.amount for share in event.shares),
    )


def approve(loaded: Loaded, *, run_id: UUID, by: str, on: date) -> Changes:
    """Let a run leave, by somebody who had no hand in anything it pays."""
    stream, run = _run(loaded, run_id)
    agreements = _Agreements(loaded)
    handlers: set[str] = set()
    for item in run.items:
        state = agreements.existing(item.agreement_id)
        if item.payment_id in state.scheduled:
            handlers |= paid_by(state.scheduled[item.payment_id], state).handled_by
    command = ApproveRun(handlers=frozenset(handlers), by=by, on=on)
    events = payment_run.DECIDER.decide(command, run)
    must_be_free_to_leave(loaded, run, on)
    return [(stream, events)]


def reject(loaded: Loaded, *, run_id: UUID, reason: str, by: str, on: date) -> Changes:
    """Let a run not leave: everything in it is payable again."""
    stream, run = _run(loaded, run_id)
    events = payment_run.DECIDER.decide(RejectRun(reason=reason, by=by, on=on), run)
    agreements = _Agreements(loaded)
    for item in run.items:
        command = commands.CancelPayment(payment_id=item.payment_id, reason=reason, on=on)
        agreements.carry_out(item.agreement_id, command)
    return [*agreements.changes(), (stream, events)]


def confirm(loaded: Loaded, *, run_id: UUID, command: ConfirmRun) -> Changes:
    """Record what came of payments; where one cannot have come, none is recorded."""
    stream, run = _run(loaded, run_id)
    reasons: list[Reason] = []
    events: Sequence[PaymentRunEvent] = ()
    try:
        events = payment_run.DECIDER.decide(command, run)
    except payment_run.RunNotInOrder as refusal:
        reasons += refusal.reasons
    items = {item.payment_id: item for item in run.items}
    agreements = _Agreements(loaded)
    for index, result in enumerate(command.results):
        item = items.get(result.payment_id)
        where = f"results[{index}]"
        if item is None or any((reason.field or "").startswith(where) for reason in reasons):
            continue  # said by the run
        try:
            agreements.carry_out(
                item.agreement_id,
                commands.DisbursePayment(
                    payment_id=result.payment_id,
                    paid_on=result.paid_on,
                    by=command.by,
                    on=command.on,
                )
                if isinstance(result, Disbursed)
                else commands.CancelPayment(
                    payment_id=result.payment_id, reason=result.reason, on=command.on
                ),
            )
        except Refusal as refusal:
            reasons += _reasons(refusal, where)
    if reasons:
        raise payment_run.RunNotInOrder(reasons=reasons)
    return [*agreements.changes(), (stream, events)]


def must_be_free_to_leave(loaded: Loaded, run: Run, on: date) -> None:
    """Refuse what came up since the run was proposed: a hold, or another bank account."""
    agreements = _Agreements(loaded)
    reasons: list[Reason] = []
    for index, item in enumerate(run.items):
        state = agreements.existing(item.agreement_id)
        refusals: list[Refusal] = []
        if item.payment_id in state.scheduled:
            refusals += holds(paid_by(state.scheduled[item.payment_id], state), state, on)
        account = loaded.state(bank_account.DECIDER, streams.bank_account(item.organisation_id))
        if not _is_paid_to(account, item.account_id):
            refusals.append(AccountChanged())
        for refusal in refusals:
            reasons += _reasons(refusal, f"items[{index}]")
    if reasons:
        raise payment_run.RunNotInOrder(reasons=reasons)


def _is_paid_to(account: bank_account.BankAccount, account_id: UUID) -> bool:
    return isinstance(account, bank_account.VerifiedAccount) and account.account_id == account_id


def _run(loaded: Loaded, run_id: UUID) -> tuple[Stream, Run]:
    stream = streams.payment_run(run_id)
    return stream, payment_run.proposed(loaded.state(payment_run.DECIDER, stream))


def _reasons(refusal: Refusal, where: str) -> Iterable[Reason]:
    """What a refusal says, as reasons about one item."""
    for reason in refusal.reasons or (refusal.as_reason(),):
        field = where if reason.field is None else f"{where}.{reason.field}"
        yield replace(reason, field=field)
