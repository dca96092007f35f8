"""
The minutes of a meeting: drafted from its facts, corrected, approved, and sealed by a hash.

Their content is a function of the meeting's own history and of its committee's name. Its
canonical form is JSON with sorted keys, without blanks and without what has its default value, so
that fields added to facts later do not change the hash of minutes that were sealed before.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any, TypeAlias
from uuid import UUID

from services.selection.domain.calendar import MeetingKind
from services.selection.domain.meeting import (
    Correction,
    ItemDecided,
    Meeting,
    NotMembers,
    NotOnTheAgenda,
    Opened,
    must_have_settled,
    sitting,
)
from services.selection.domain.proceedings import (
    CorrectionProposed,
    CorrectionSettled,
    MinutesApproved,
)
from shared.kernel.periods import Quarter
from shared.kernel.refusals import NotAllowed, NotFound, RuleBroken

# Commands


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposeCorrection:
    """Say what is wrong with the draft."""

    correction_id: UUID
    person_id: str
    application_id: UUID | None
    text: str
    """Without personal data."""
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleCorrection:
    """Take a correction into the minutes, or not."""

    correction_id: UUID
    accepted: bool
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApproveMinutes:
    """Find them right."""

    by: str
    by_roles: tuple[str, ...]
    on: date


Command: TypeAlias = ProposeCorrection | SettleCorrection | ApproveMinutes

SECRETARY = "committee-secretary"


class CorrectionAlreadySettled(RuleBroken):
    """A correction is settled once."""

    en = "This correction was settled on {settled_on}."
    fr = "Cette correction a été tranchée le {settled_on}."


class NotTheirMinutes(NotAllowed):
    """Minutes are approved by the chair of the meeting or by the secretary."""

    en = "The chair of the meeting or the secretary approves its minutes."
    fr = "Le procès-verbal est approuvé par la présidence de la réunion ou par le secrétariat."


def decide(
    command: Command, meeting: Meeting
) -> Sequence[CorrectionProposed | CorrectionSettled | MinutesApproved]:
    """What follows, or a refusal; nothing of this is possible once minutes are approved."""
    opened = sitting(meeting)
    match command:
        case ProposeCorrection():
            return _propose(command, opened)
        case SettleCorrection():
            return _settle(command, opened)
        case ApproveMinutes():
            if SECRETARY not in command.by_roles and command.by != opened.chair:
                raise NotTheirMinutes
            must_have_settled(opened)
            return [
                MinutesApproved(
                    meeting_id=opened.meeting_id, person_id=command.by, effective_on=command.on
                )
            ]


def _propose(command: ProposeCorrection, opened: Opened) -> Sequence[CorrectionProposed]:
    if command.person_id not in {member.person_id for member in opened.members}:
        raise NotMembers(people=command.person_id)
    if command.application_id is not None and command.person_id in opened.conflicted.get(
        command.application_id, {command.person_id}
    ):
        raise NotOnTheAgenda(application_id=command.application_id, field="application_id")
    return [
        CorrectionProposed(
            meeting_id=opened.meeting_id,
            correction_id=command.correction_id,
            person_id=command.person_id,
            application_id=command.application_id,
            text=command.text,
            effective_on=command.on,
        )
    ]


def _settle(command: SettleCorrection, opened: Opened) -> Sequence[CorrectionSettled]:
    correction = opened.corrections.get(command.correction_id)
    if correction is None:
        raise NotFound(kind="correction")
    if correction.settled is not None:
        if correction.settled.accepted is command.accepted:
            return []
        raise CorrectionAlreadySettled(settled_on=correction.settled.effective_on)
    return [
        CorrectionSettled(
            meeting_id=opened.meeting_id,
            correction_id=command.correction_id,
            accepted=command.accepted,
            reason=command.reason,
            effective_on=command.on,
        )
    ]


# Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """One member at the meeting."""

    person_id: str
    kind: str
    present: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutedItem:
    """One item of the agenda and what became of it."""

    number: int
    application_id: UUID
    title: str
    conflicted: tuple[str, ...]
    decision: ItemDecided | None
    """None when the meeting left it undecided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinutedCorrection:
    """A correction of the draft that was taken into the minutes."""

    text: str
    application_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who approved the minutes, and when they were sealed."""

    approved_by: str | None
    approved_on: date
    sealed_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the minutes say, before any language."""

    meeting_id: UUID
    committee_id: UUID
    committee: str
    kind: MeetingKind
    held_on: date
    opened_on: date
    closes_on: date | None
    chair: str
    quorum: int
    attendance: tuple[Attendance, ...]
    items: tuple[MinutedItem, ...]
    corrections: tuple[MinutedCorrection, ...]
    approval: Approval | None
    """None while they are a draft."""


def content_of(opened: Opened, committee: str, approval: Approval | None) -> Content:
    """What the minutes of a meeting say."""
    titles = {each.application_id: each.title for each in opened.pack.items} if opened.pack else {}
    return Content(
        meeting_id=opened.meeting_id,
        committee_id=opened.committee_id,
        committee=committee,
        kind=opened.kind,
        held_on=opened.held_on,
        opened_on=opened.opened_on,
        closes_on=opened.closes_on,
        chair=opened.chair,
        quorum=opened.quorum,
        attendance=tuple(
            Attendance(
                person_id=member.person_id,
                kind=member.kind.value,
                present=_was_present(member.person_id, opened),
            )
            for member in sorted(opened.members, key=lambda each: each.person_id)
        ),
        items=tuple(
            _item(number, application_id, opened, titles)
            for number, application_id in enumerate(opened.conflicted, start=1)
        ),
        corrections=tuple(
            MinutedCorrection(text=each.proposed.text, application_id=each.proposed.application_id)
            for each in opened.corrections.values()
            if _accepted(each)
        ),
        approval=approval,
    )


def _was_present(person_id: str, opened: Opened) -> bool:
    if opened.kind is MeetingKind.WRITTEN:
        return any(person_id == voter for _, voter in opened.cast)
    return person_id in opened.present


def _accepted(correction: Correction) -> bool:
    return correction.settled is not None and correction.settled.accepted


def _item(
    number: int, application_id: UUID, opened: Opened, titles: Mapping[UUID, str]
) -> MinutedItem:
    decided = opened.decided.get(application_id)
    # A meeting that was opened before packs were kept has no title but that of the decision.
    fallback = decided.title if decided else str(application_id)
    return MinutedItem(
        number=number,
        application_id=application_id,
        title=titles.get(application_id, fallback),
        conflicted=tuple(sorted(opened.conflicted[application_id])),
        decision=decided,
    )


def approval_of(opened: Opened, *, sealed_by: str | None, sealed_on: date) -> Approval:
    """Sealing approves minutes that nobody approved before."""
    approved = opened.approval
    return Approval(
        approved_by=approved.person_id if approved else sealed_by,
        approved_on=approved.effective_on if approved else sealed_on,
        sealed_on=sealed_on,
    )


def hash_of(content: Content) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(content: Content) -> str:
    """The content as JSON: sorted keys, no blanks, nothing that has its default value."""
    return json.dumps(_plain(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type | Quarter):
        return {
            each.name: _plain(held)
            for each in fields(value)
            if (held := getattr(value, each.name)) != each.default or each.default is MISSING
        }
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, str | int | bool) or value is None:
        return value
    return str(value)
