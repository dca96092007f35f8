"""Keep a committee's calendar and its seats."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import committee, meeting, membership, scheduling
from services.selection.domain.proceedings import MeetingCancelled, MeetingMoved
from services.selection.use_cases import streams
from services.selection.use_cases.loading import meeting_and_committee
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """Change who sits on a committee, or its rules; with a new calendar come its meetings."""

    committee_id: UUID
    command: membership.Command

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The committee, and the meetings that its calendar brings."""
        stream = streams.committee(self.committee_id)
        seated = committee.established(loaded.state(committee.DECIDER, stream))
        changed = membership.decide(self.command, seated.seats)
        state: committee.Committee = seated
        for event in changed:
            state = committee.evolve(state, event)
        extended: Sequence[committee.Event] = ()
        if any(isinstance(event, membership.RulesChanged) for event in changed):
            extended = extension(self.committee_id, state, on=self.command.on)
        yield stream, [*changed, *extended]
        yield from calls(loaded, self.committee_id, extended)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extending:
    """A month begins: the meeting six months ahead is scheduled."""

    committee_id: UUID
    on: date

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The calendar, and the history of each new meeting."""
        stream = streams.committee(self.committee_id)
        extended = extension(self.committee_id, loaded.state(committee.DECIDER, stream), on=self.on)
        yield stream, extended
        yield from calls(loaded, self.committee_id, extended)


def extension(
    committee_id: UUID, state: committee.Committee, *, on: date
) -> Sequence[committee.Event]:
    """The meetings that are missing from the calendar."""
    return scheduling.decide(scheduling.ExtendCalendar(committee_id=committee_id, on=on), state)


def calls(
    loaded: Loaded, committee_id: UUID, events: Iterable[committee.Event]
) -> Iterator[tuple[Stream, Sequence[Event]]]:
    """The history of every meeting that was scheduled begins."""
    for event in events:
        if isinstance(event, committee.MeetingScheduled):
            stream = streams.meeting(event.meeting_id)
            call = meeting.CallMeeting(
                meeting_id=event.meeting_id,
                committee_id=committee_id,
                held_on=event.held_on,
                kind=event.kind,
                closes_on=event.closes_on,
                on=event.effective_on,
            )
            yield stream, meeting.decide(call, loaded.state(meeting.DECIDER, stream))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescheduling:
    """Move or cancel a meeting that has not opened."""

    command: scheduling.MoveMeeting | scheduling.CancelMeeting

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The committee's calendar and the meeting's own history."""
        meeting_id = self.command.meeting_id
        _, committee_id, seated = meeting_and_committee(loaded, meeting_id)
        changed = scheduling.decide(self.command, seated)
        yield streams.committee(committee_id), changed
        yield streams.meeting(meeting_id), [*_told(changed)]


def _told(changed: Iterable[committee.Event]) -> Iterator[MeetingMoved | MeetingCancelled]:
    for event in changed:
        match event:
            case committee.MeetingMoved():
                yield MeetingMoved(
                    meeting_id=event.meeting_id,
                    held_on=event.held_on,
                    closes_on=event.closes_on,
                    reason=event.reason,
                    effective_on=event.effective_on,
                )
            case committee.MeetingCancelled():
                yield MeetingCancelled(
                    meeting_id=event.meeting_id,
                    reason=event.reason,
                    effective_on=event.effective_on,
                )
            case _:
                pass
