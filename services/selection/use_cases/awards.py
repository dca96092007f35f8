"""What becomes of an award before its agreement is executed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import application, award, committee, mandate, promises, waitlist
from services.selection.use_cases import streams
from services.selection.use_cases.consequences import changes_of
from services.selection.use_cases.loading import pockets
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Loaded
from shared.kernel.schedule import total_by_pocket


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawing:
    """Its applicant wants the award no more: the reservation returns."""

    award_id: UUID
    on: date

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The award and its pockets, and the application, wherever it waits."""
        made = award.standing(loaded.state(award.DECIDER, streams.award(self.award_id)))
        ended = promises.end(
            made,
            pockets(loaded, total_by_pocket(made.terms.funding)),
            award.WithdrawAward(on=self.on),
        )
        yield from changes_of(ended, award_id=self.award_id)
        application_id = made.terms.application_id
        stream = streams.application(application_id)
        before = loaded.state(application.DECIDER, stream)
        withdraw = application.WithdrawApplication(application_id=application_id, on=self.on)
        yield stream, application.decide(withdraw, before)
        if isinstance(before, application.Waiting):
            yield from removing(loaded, application_id, before, on=self.on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsidering:
    """Put an application before its committee again; the award stands until that decides."""

    award_id: UUID
    reason: str
    on: date

    def __call__(self, loaded: Loaded) -> Iterator[tuple[Stream, Sequence[Event]]]:
        """The application, and the next agenda of its committee."""
        made = award.standing(loaded.state(award.DECIDER, streams.award(self.award_id)))
        application_id = made.terms.application_id
        stream = streams.application(application_id)
        reopen = application.ReopenApplication(
            application_id=application_id, reason=self.reason, on=self.on
        )
        yield stream, application.decide(reopen, loaded.state(application.DECIDER, stream))
        held = loaded.state(mandate.DECIDER, streams.mandate(made.terms.programme_code))
        if isinstance(held, mandate.Given):
            stream = streams.committee(held.committee_id)
            place = committee.PlaceApplication(application_id=application_id, on=self.on)
            yield stream, committee.decide(place, loaded.state(committee.DECIDER, stream))


def removing(
    loaded: Loaded, application_id: UUID, before: application.Waiting, *, on: date
) -> Iterator[tuple[Stream, Sequence[Event]]]:
    """Take an application off the agenda or docket and the list on which it waits."""
    code = before.proposal.programme_code
    held = loaded.state(mandate.DECIDER, streams.mandate(code))
    if isinstance(held, mandate.Given):
        stream = streams.committee(held.committee_id)
        remove = committee.RemoveApplication(application_id=application_id, on=on)
        yield stream, committee.decide(remove, loaded.state(committee.DECIDER, stream))
    else:
        drop = mandate.DropApplication(programme_code=code, application_id=application_id, on=on)
        yield streams.mandate(code), mandate.decide(drop, held)
    stream = streams.waitlist()
    off = waitlist.RemoveApplication(application_id=application_id, reason="withdrawn", on=on)
    yield stream, waitlist.decide(off, loaded.state(waitlist.DECIDER, stream))
