"""When a participant's costs count: while it takes part, and the agreement is not suspended."""

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from services.claims.domain.claim_rule import Asked
from services.claims.domain.state import Agreement
from shared.kernel.refusals import Refusal, RuleBroken

ONE_DAY = timedelta(days=1)


class CostNotInEligibleWindow(RuleBroken):
    """A participant's costs count while it takes part and the agreement is not suspended."""

    en = (
        "The cost was incurred while the agreement was suspended, or before the participant "
        "joined, or after it left. Costs count in: {windows}."
    )
    fr = (
        "Le coût a été engagé pendant une suspension, avant l’arrivée du participant ou après "
        "son départ. Les coûts comptent : {windows}."
    )


def eligible_windows(agreement: Agreement, participant_id: UUID) -> tuple[tuple[date, date], ...]:
    """
    First and last days between which a participant's costs count, oldest first.

    From the start of the agreement (or the day the participant joined) to its end, its termination
    or the participant's withdrawal, without the days of suspensions.
    """
    opens = agreement.joined_on.get(participant_id, agreement.starts_on)
    closes = min(
        each
        for each in (
            agreement.ends_on,
            agreement.terminated_on,
            agreement.withdrawn_on.get(participant_id),
        )
        if each is not None
    )
    windows = []
    for pause in agreement.suspensions:
        if pause.costs_eligible:
            continue
        windows.append((opens, min(closes, pause.starts_on - ONE_DAY)))
        # One that lasts leaves nothing after it.
        opens = closes + ONE_DAY if pause.ends_before is None else max(opens, pause.ends_before)
    windows.append((opens, closes))
    return tuple((first, last) for first, last in windows if first <= last)


def costs_fall_in_eligible_windows(asked: Asked) -> Iterator[Refusal]:
    """
    Each cost lies within one eligible window; one across a pause is claimed as two.

    A cost outside the agreement's own days is left to the rule about those.
    """
    form, agreement = asked.form, asked.agreement
    windows = eligible_windows(agreement, form.participant_id)
    last_day = min(agreement.ends_on, agreement.terminated_on or agreement.ends_on)
    for index, line in enumerate(form.lines):
        if line.incurred_from < agreement.starts_on or line.incurred_to > last_day:
            continue
        if not any(
            first <= line.incurred_from and line.incurred_to <= last for first, last in windows
        ):
            said = [f"{first.isoformat()}/{last.isoformat()}" for first, last in windows]
            yield CostNotInEligibleWindow(
                field=f"lines[{index}].incurred_from", accepted=said, windows=said
            )
