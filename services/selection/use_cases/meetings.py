"""Hold a meeting: open it, declare conflicts, decide, seal. Each spans several streams."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import (
    application,
    award,
    committee,
    deliberation,
    meeting,
    pocket,
)
from services.selection.use_cases import streams
from services.selection.use_cases.consequences import changes_of
from shared.eventstore.together import Changes, Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Open a meeting with those present."""

    meeting_id: UUID
    present: tuple[str, ...]
    on: date

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting takes over its agenda from the committee."""
        sitting, committee_id, seated = meeting_and_committee(loaded, self.meeting_id)
        agenda = seated.scheduled.get(self.meeting_id)
        consequences = deliberation.open_meeting(
            sitting,
            seated,
            applications(loaded, agenda.items if agenda else ()),
            present=self.present,
            on=self.on,
        )
        return changes_of(consequences, meeting_id=self.meeting_id, committee_id=committee_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaring:
    """Declare that a member has an interest in an item."""

    meeting_id: UUID
    command: meeting.DeclareConflict

    def __call__(self, loaded: Loaded) -> Changes:
        """Kept with the meeting, and with the application for any later meeting."""
        sitting, _, seated = meeting_and_committee(loaded, self.meeting_id)
        application_id = self.command.application_id
        before = loaded.state(application.DECIDER, streams.application(application_id))
        consequences = deliberation.declare_conflict(self.command, sitting, seated, before)
        return changes_of(consequences, meeting_id=self.meeting_id, application_id=application_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """Decide about one item."""

    command: deliberation.DecideItem

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting, the application, the award and every pocket that it draws on."""
        command = self.command
        sitting, committee_id, seated = meeting_and_committee(loaded, command.meeting_id)
        before = loaded.state(application.DECIDER, streams.application(command.application_id))
        consequences = deliberation.decide_item(
            command,
            sitting,
            before,
            seated=seated,
            promised=loaded.state(award.DECIDER, streams.award(command.award_id)),
            pockets=pockets(loaded, deliberation.pockets_asked(command, before)),
        )
        return changes_of(
            consequences,
            meeting_id=command.meeting_id,
            application_id=command.application_id,
            committee_id=committee_id,
            award_id=command.award_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """End a meeting."""

    meeting_id: UUID
    on: date

    def __call__(self, loaded: Loaded) -> Changes:
        """The meeting; what it left undecided goes back to the committee."""
        sitting, committee_id, seated = meeting_and_committee(loaded, self.meeting_id)
        undecided = sitting.undecided if isinstance(sitting, meeting.Opened) else ()
        consequences = deliberation.seal(
            sitting, seated, applications(loaded, undecided), on=self.on
        )
        return changes_of(consequences, meeting_id=self.meeting_id, committee_id=committee_id)


def meeting_and_committee(
    loaded: Loaded, meeting_id: UUID
) -> tuple[meeting.Called | meeting.Opened | meeting.Sealed, UUID, committee.Established]:
    """A meeting, its committee's id and its committee; ``NotFound`` when there is none."""
    sitting = meeting.called(loaded.state(meeting.DECIDER, streams.meeting(meeting_id)))
    committee_id = (
        sitting.minutes.committee_id
        if isinstance(sitting, meeting.Sealed)
        else sitting.committee_id
    )
    seated = loaded.state(committee.DECIDER, streams.committee(committee_id))
    return sitting, committee_id, committee.established(seated)


def applications(
    loaded: Loaded, application_ids: Iterable[UUID]
) -> Mapping[UUID, application.Application]:
    """The applications, by id."""
    return {
        each: loaded.state(application.DECIDER, streams.application(each))
        for each in application_ids
    }


def pockets(loaded: Loaded, codes: Iterable[str]) -> Mapping[str, pocket.Pocket]:
    """The pockets, by code."""
    return {code: loaded.state(pocket.DECIDER, streams.pocket(code)) for code in codes}
