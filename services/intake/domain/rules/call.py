"""Rules about the call that an application answers."""

from collections.abc import Iterable

from services.intake.domain.rules.parameters import Parameters
from services.intake.domain.rules.submission import Submission
from shared.kernel.refusals import Refusal, RuleBroken


class CallNotYetOpen(RuleBroken):
    """An application is submitted after its call opens."""

    en = "The call opens on {opens_at}."
    fr = "L’appel ouvre le {opens_at}."


class CallClosed(RuleBroken):
    """An application is submitted before its call closes."""

    en = "The call closed on {closes_at}."
    fr = "L’appel a pris fin le {closes_at}."


class NoNewApplications(RuleBroken):
    """A programme that only finishes what it has begun takes no new applications."""

    en = "This programme takes no new applications."
    fr = "Ce programme n’accepte aucune nouvelle demande."


def call_open(submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """
    The call has opened and has not closed; the closing instant itself is too late.

    What was returned to its applicant was in time once: it may come back after the close.
    """
    opens_at, closes_at = submission.opens_at, submission.closes_at
    if submission.at < opens_at:
        yield CallNotYetOpen(
            opens_at=opens_at, field="call_id", accepted={"from": opens_at.isoformat()}
        )
    if closes_at is not None and submission.at >= closes_at and not submission.resubmission:
        yield CallClosed(
            closes_at=closes_at, field="call_id", accepted={"before": closes_at.isoformat()}
        )


def closed_to_applications(_submission: Submission, _parameters: Parameters) -> Iterable[Refusal]:
    """Nobody applies: claims, completion and impact only."""
    yield NoNewApplications(field="call_id")
