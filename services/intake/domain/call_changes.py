"""
How a call is published, and how it may change while people are answering it.

* Before it opens, everything it announces may be amended; once it is open, title and instructions.
* While it is open its closing moves by an extension, to a later instant, or by closing early, to
  an instant that is not past. A continuous call may be closed; it cannot be extended.
* After it has closed nothing changes any more, and it does not open again.

A submission is judged by the instant at which it was received and the call as it is known when it
is decided. What was received in time therefore stays in time, whatever is announced while it waits:
an extension only moves the closing away from it, and closing early is never before the instant at
which that was asked. What is received after a closing that is being extended may still be refused;
it is asked again then, and a refusal is not remembered under its ``Idempotency-Key``.
"""

from datetime import datetime

from services.intake.domain.call_facts import (
    AmendCall,
    Announcement,
    Call,
    CallAmended,
    CallClosedEarly,
    CallExtended,
    CallPublished,
    CloseCall,
    Event,
    ExtendCall,
    PublishCall,
)
from shared.kernel.refusals import Invalid, RuleBroken


class CallTitleMissing(Invalid):
    """The title of a call is written in English and in French."""

    en = "The title is needed in English and in French."
    fr = "Le titre est requis en anglais et en français."


class InOneLanguageOnly(Invalid):
    """What is announced to everyone is written in English and in French."""

    en = "This text is needed in English and in French."
    fr = "Ce texte est requis en anglais et en français."


class CallClosesBeforeItOpens(Invalid):
    """A call closes after it opens."""

    en = "The call would close before it opens."
    fr = "L’appel fermerait avant d’ouvrir."


class CallAlreadyPublished(RuleBroken):
    """A call is published once."""

    en = "This call is already published."
    fr = "Cet appel est déjà publié."


class CallHasClosed(RuleBroken):
    """What has closed stays closed: whoever heard that it was over would be at a disadvantage."""

    en = "The call closed on {closes_at}. It is not opened again; publish another call."
    fr = "L’appel a pris fin le {closes_at}. Il ne rouvre pas; publiez un autre appel."


class CallHasOpened(RuleBroken):
    """Once a call is open, its opening stays; its closing is extended or brought forward."""

    en = "The call has been open since {opens_at}: extend it or close it early instead."
    fr = "L’appel est ouvert depuis le {opens_at} : prolongez-le ou fermez-le plus tôt."


class OpeningInThePast(Invalid):
    """A call that has not opened yet opens now or later."""

    en = "The call cannot have opened before {now}."
    fr = "L’appel ne peut pas avoir ouvert avant le {now}."


class CallIsContinuous(RuleBroken):
    """A call without a closing is not extended."""

    en = "The call is continuous: there is no closing to move."
    fr = "L’appel est continu : il n’y a pas de clôture à reporter."


class NotLater(Invalid):
    """An extension closes a call later than announced."""

    en = "The call closes on {closes_at}; an extension is later than that."
    fr = "L’appel prend fin le {closes_at}; une prolongation est plus tardive."


class NotEarlier(Invalid):
    """Closing early is earlier than announced."""

    en = "The call closes on {closes_at}; closing it early is before that."
    fr = "L’appel prend fin le {closes_at}; le fermer plus tôt vient avant."


class ClosingInThePast(Invalid):
    """A call is not closed in hindsight: whoever was in time stays in time."""

    en = "The call cannot have closed before {now}."
    fr = "L’appel ne peut pas avoir pris fin avant le {now}."


def publish(command: PublishCall) -> CallPublished:
    """Announce it, with a period that makes sense."""
    announced = Announcement(
        title=command.title,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        instructions=command.instructions,
    )
    _must_make_sense(announced)
    return CallPublished(
        effective_on=command.on,
        call_id=command.call_id,
        programme_code=command.programme_code,
        programme_version=command.programme_version,
        title=command.title,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        by=command.by,
        instructions=command.instructions,
    )


def amend(command: AmendCall, state: Call) -> list[Event]:
    """Announce it otherwise; the same announcement again changes nothing."""
    before = state.announcement
    after = Announcement(
        title=command.title,
        opens_at=command.opens_at,
        closes_at=command.closes_at,
        instructions=command.instructions,
    )
    if after == before:
        return []
    _must_make_sense(after)
    if command.now >= state.opens_at:
        for field in ("opens_at", "closes_at"):
            if getattr(after, field) != getattr(before, field):
                raise CallHasOpened(opens_at=state.opens_at, field=field)
    elif after.opens_at != before.opens_at and after.opens_at < command.now:
        raise OpeningInThePast(now=command.now, field="opens_at", accepted=_from(command.now))
    return [
        CallAmended(
            effective_on=command.on,
            call_id=state.call_id,
            before=before,
            after=after,
            reason=command.reason,
            by=command.by,
        )
    ]


def extend(command: ExtendCall, state: Call) -> list[Event]:
    """Move its closing to a later instant."""
    if state.closes_at is None:
        raise CallIsContinuous
    if command.closes_at <= state.closes_at:
        raise NotLater(
            closes_at=state.closes_at,
            field="closes_at",
            accepted={"after": state.closes_at.isoformat()},
        )
    return [
        CallExtended(
            effective_on=command.on,
            call_id=state.call_id,
            before=state.closes_at,
            closes_at=command.closes_at,
            reason=command.reason,
            by=command.by,
        )
    ]


def close(command: CloseCall, state: Call) -> list[Event]:
    """Move its closing to an earlier instant that is not past."""
    closes_at = command.now if command.closes_at is None else command.closes_at
    if closes_at < command.now:
        raise ClosingInThePast(now=command.now, field="closes_at", accepted=_from(command.now))
    if closes_at <= state.opens_at:
        raise CallClosesBeforeItOpens(
            field="closes_at", accepted=f"after {state.opens_at.isoformat()}"
        )
    if state.closes_at is not None and closes_at >= state.closes_at:
        raise NotEarlier(
            closes_at=state.closes_at,
            field="closes_at",
            accepted={"before": state.closes_at.isoformat()},
        )
    return [
        CallClosedEarly(
            effective_on=command.on,
            call_id=state.call_id,
            before=state.closes_at,
            closes_at=closes_at,
            reason=command.reason,
            by=command.by,
        )
    ]


def _from(instant: datetime) -> dict[str, str]:
    return {"from": instant.isoformat()}


def _must_make_sense(announced: Announcement) -> None:
    if not announced.title.is_complete:
        raise CallTitleMissing(field="title", accepted=["en", "fr"])
    if announced.instructions is not None and not announced.instructions.is_complete:
        raise InOneLanguageOnly(field="instructions", accepted=["en", "fr"])
    if announced.closes_at is not None and announced.closes_at <= announced.opens_at:
        raise CallClosesBeforeItOpens(
            field="closes_at", accepted=f"after {announced.opens_at.isoformat()}"
        )
