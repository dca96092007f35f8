"""Set up committees and schedule their meetings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.selection.domain import committee, mandate, meeting
from services.selection.use_cases import streams
from services.selection.use_cases.calendars import calls, extension
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishing:
    """Set up a committee, give it its programmes, and hand it what was held for them."""

    command: committee.EstablishCommittee

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The committee, and the mandate of each of its programmes."""
        command = self.command
        mandates = {
            code: loaded.state(mandate.DECIDER, streams.mandate(code))
            for code in dict.fromkeys(command.programmes)
        }
        held = [
            application_id
            for each in mandates.values()
            if isinstance(each, mandate.Vacant)
            for application_id in each.held
        ]
        stream = streams.committee(command.committee_id)
        state = loaded.state(committee.DECIDER, stream)
        established = committee.decide(replace(command, waiting=tuple(held)), state)
        for event in established:
            state = committee.evolve(state, event)
        extended = extension(command.committee_id, state, on=command.on)
        yield stream, [*established, *extended]
        yield from calls(loaded, command.committee_id, extended)
        for code, each in mandates.items():
            give = mandate.GiveMandate(
                programme_code=code, committee_id=command.committee_id, on=command.on
            )
            yield streams.mandate(code), mandate.decide(give, each)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduling:
    """Fix the day of a meeting; what waits on the docket goes on its agenda."""

    call: meeting.CallMeeting

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The committee's calendar and the history of the meeting, begun together."""
        call = self.call
        stream = streams.committee(call.committee_id)
        schedule = committee.ScheduleMeeting(
            meeting_id=call.meeting_id,
            held_on=call.held_on,
            kind=call.kind,
            closes_on=call.closes_on,
            on=call.on,
        )
        yield stream, committee.decide(schedule, loaded.state(committee.DECIDER, stream))
        stream = streams.meeting(call.meeting_id)
        yield stream, meeting.decide(call, loaded.state(meeting.DECIDER, stream))
