"""
The calendar of claims: which periods an agreement has, when each opens, and who is reminded.

Periods tile an agreement from its first to its last day, each at most as long as the programme's
frequency and none across 31 March (expenditure belongs to a fiscal year, FAA s. 37.1). They are
the same for all participants of an agreement, so that one fact opens a period for all of them.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain.commands import OpenClaimPeriods, RemindOfClaimPeriod
from services.claims.domain.events import (
    AgreementEvent,
    ClaimPeriodCancelled,
    ClaimPeriodOpened,
    ClaimPeriodReminded,
    ClaimPeriodRescheduled,
)
from services.claims.domain.state import Agreement, ClaimPeriod, DraftedClaim, Standing
from services.claims.domain.values import Claimant, ClaimFrequency, Match, Occasion
from shared.kernel.frozen import replace

_DAY = timedelta(days=1)
_RUNNING = frozenset({Standing.EXECUTED, Standing.TERMINATED})
"""After a termination, costs incurred until then are still claimed."""

DAYS_FROM_DUE = {Occasion.BEFORE_DUE: -14, Occasion.DUE: 0, Occasion.LATE: 14}
"""When who has not claimed is reminded; opening a period is the first word of it."""


def periods(
    starts_on: date, ends_on: date, frequency: ClaimFrequency
) -> Iterator[tuple[date, date]]:
    """First and last day of every period from one day to another, both inclusive."""
    first = starts_on
    while first <= ends_on:
        last = min(frequency.window(first)[1], ends_on)
        yield first, last
        first = last + _DAY


def reminder_day(due_on: date, occasion: Occasion) -> date:
    """The day on which a participant that has not claimed is reminded."""
    return due_on + timedelta(days=DAYS_FROM_DUE[occasion])


def next_occasion(due_on: date, after: date) -> Occasion | None:
    """The first reminder after a day."""
    return next((each for each in Occasion if reminder_day(due_on, each) > after), None)


def open_periods(command: OpenClaimPeriods, agreement: Agreement) -> list[AgreementEvent]:
    """
    Open what has begun, and put right what an amendment or a termination moved.

    Nothing follows where all is as it should be, so that it can be asked at any time.
    """
    if agreement.standing not in _RUNNING:
        return []
    events: list[AgreementEvent] = []
    expected = {
        first: last
        for first, last in periods(
            agreement.starts_on, _last_day(agreement), agreement.terms.claim_frequency
        )
        if first <= command.on
    }
    for first, last in expected.items():
        opened = agreement.claim_periods.get(first)
        if opened is not None and opened.ends_on != last:
            events.append(
                ClaimPeriodRescheduled(
                    effective_on=command.on,
                    project_id=agreement.project_id,
                    programme_code=agreement.programme_code,
                    period_starts_on=first,
                    period_ends_on=last,
                    due_on=_due_on(agreement, last),
                    participants=_claimants(agreement, opened.participants),
                )
            )
        newcomers = frozenset(
            each
            for each in agreement.participants
            if (opened is None or each not in opened.participants)
            and last >= agreement.joined_on.get(each, first)
            and _claims_in(agreement, each, first)
        )
        if newcomers:
            events.append(
                ClaimPeriodOpened(
                    effective_on=command.on,
                    project_id=agreement.project_id,
                    programme_code=agreement.programme_code,
                    period_starts_on=first,
                    period_ends_on=last,
                    due_on=_due_on(agreement, last),
                    participants=_claimants(agreement, newcomers),
                )
            )
    events += [
        ClaimPeriodCancelled(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            period_starts_on=first,
            participants=_claimants(agreement, period.participants),
        )
        for first, period in agreement.claim_periods.items()
        if first > _last_day(agreement)
    ]
    return events


def remind(command: RemindOfClaimPeriod, agreement: Agreement) -> list[AgreementEvent]:
    """Remind, once per occasion, the participants that have not claimed an open period."""
    period = agreement.claim_periods.get(command.period_starts_on)
    if (
        agreement.standing not in _RUNNING
        or period is None
        or period.due_on is None
        or command.occasion in period.reminded
        # An amendment may have moved the end of the period since the reminder was planned.
        or reminder_day(period.due_on, command.occasion) != command.on
    ):
        return []
    late = frozenset(
        each
        for each in period.participants
        if _claims_in(agreement, each, period.starts_on)
        and not _has_claimed(agreement, each, period.ends_on)
    )
    if not late:
        return []
    return [
        ClaimPeriodReminded(
            effective_on=command.on,
            project_id=agreement.project_id,
            programme_code=agreement.programme_code,
            period_starts_on=period.starts_on,
            period_ends_on=period.ends_on,
            due_on=period.due_on,
            occasion=command.occasion,
            participants=_claimants(agreement, late),
        )
    ]


def _claimants(agreement: Agreement, participants: frozenset[UUID]) -> tuple[Claimant, ...]:
    """Participants in the order of the agreement."""
    return tuple(
        Claimant(participant_id=each, organisation_id=party.organisation_id)
        for each, party in agreement.participants.items()
        if each in participants
    )


def _last_day(agreement: Agreement) -> date:
    """The last day on which costs are eligible."""
    if agreement.terminated_on is None:
        return agreement.ends_on
    return min(agreement.ends_on, agreement.terminated_on)


def _due_on(agreement: Agreement, period_ends_on: date) -> date | None:
    days = agreement.terms.claim_due_days
    return None if days is None else period_ends_on + timedelta(days=days)


def _claims_in(agreement: Agreement, participant_id: UUID, starts_on: date) -> bool:
    """Is the participant to claim a period? It has money or match, and neither left nor ended."""
    if participant_id in agreement.withdrawn_on:
        return False
    takes_part = any(agreement.contracted.get(participant_id, {}).values()) or bool(
        agreement.contracted_match.get(participant_id, Match())
    )
    return takes_part and not any(
        claim.form.final and claim.form.period_ends_on < starts_on
        for claim in agreement.claims_of(participant_id)
        if not isinstance(claim, DraftedClaim)
    )


def _has_claimed(agreement: Agreement, participant_id: UUID, period_ends_on: date) -> bool:
    """Has the participant certified a claim that reaches the end of a period?"""
    return any(
        claim.form.period_starts_on <= period_ends_on <= claim.form.period_ends_on
        for claim in agreement.claims_of(participant_id)
        if not isinstance(claim, DraftedClaim)
    )


# What it leaves behind.


def after_opening(agreement: Agreement, event: ClaimPeriodOpened) -> Agreement:
    """A period is open, or open for more participants."""
    before = agreement.claim_periods.get(event.period_starts_on)
    period = ClaimPeriod(
        starts_on=event.period_starts_on,
        ends_on=event.period_ends_on,
        due_on=event.due_on,
        participants=frozenset(each.participant_id for each in event.participants)
        | (before.participants if before else frozenset()),
        reminded=before.reminded if before else frozenset(),
    )
    return _with(agreement, period)


def after_rescheduling(agreement: Agreement, event: ClaimPeriodRescheduled) -> Agreement:
    """A period ends and is due on other days, so that its reminders begin again."""
    before = agreement.claim_periods[event.period_starts_on]
    return _with(
        agreement,
        replace(before, ends_on=event.period_ends_on, due_on=event.due_on, reminded=frozenset()),
    )


def after_cancellation(agreement: Agreement, event: ClaimPeriodCancelled) -> Agreement:
    """There is no such period any more."""
    kept = {
        first: period
        for first, period in agreement.claim_periods.items()
        if first != event.period_starts_on
    }
    return replace(agreement, claim_periods=kept)


def after_reminder(agreement: Agreement, event: ClaimPeriodReminded) -> Agreement:
    """The occasion has passed."""
    before = agreement.claim_periods[event.period_starts_on]
    return _with(agreement, replace(before, reminded=before.reminded | {event.occasion}))


def _with(agreement: Agreement, period: ClaimPeriod) -> Agreement:
    return replace(agreement, claim_periods={**agreement.claim_periods, period.starts_on: period})
