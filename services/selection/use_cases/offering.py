"""Whenever money returns to a pocket, offer it to the first on the list that it can hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.selection.domain import application, committee, pocket, waitlist
from services.selection.domain.spreading import Room, Spread
from services.selection.domain.years import difference
from services.selection.use_cases import streams
from services.selection.use_cases.loading import applications, pockets, terms_of
from shared.eventstore.store import Event, Stream
from shared.eventstore.together import Changes, Loaded


def frees_money(event: object) -> bool:
    """After this event a pocket may hold what it could not hold before."""
    match event:
        case (
            pocket.AuthoritySet()
            | pocket.ReservationReturned()
            | pocket.CommitmentReprofiled()
            | pocket.PocketIncreaseReturned()
        ):
            return True
        case pocket.ReservationCommitted():
            return (event.committed, event.committed_by_year) != (
                event.reserved,
                event.reserved_by_year,
            )
        case pocket.CommitmentAdjusted():
            moved = difference(event.by_year, event.reserved_by_year)
            amounts = (event.difference - event.reserved, *(each.amount for each in moved))
            return any(amount.cents < 0 for amount in amounts)
        case _:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offering:
    """Offer what the pockets hold now to those who wait for it."""

    on: date

    def __call__(self, loaded: Loaded) -> Changes:
        """The list, and the next agendas of the committees; nothing when nobody can be helped."""
        stream = streams.waitlist()
        listed = loaded.state(waitlist.DECIDER, stream)
        if not listed.entries:
            return []
        before = applications(loaded, (each.application_id for each in listed.entries))
        allowed = {
            application_id: _allowed(loaded, known) for application_id, known in before.items()
        }
        room = Room(pockets(loaded, _pockets(listed, allowed.values())))
        changes: dict[Stream, list[Event]] = {}
        for application_id in waitlist.within_reach(listed, room, allowed):
            offer = waitlist.OfferMoney(application_id=application_id, on=self.on)
            changes.setdefault(stream, []).extend(waitlist.decide(offer, listed))
            at, placed = self._place(loaded, listed, application_id)
            changes.setdefault(at, []).extend(placed)
        return changes.items()

    def _place(
        self, loaded: Loaded, listed: waitlist.Waitlist, application_id: UUID
    ) -> tuple[Stream, Iterable[Event]]:
        entry = listed.entry(application_id)
        if entry is None:
            raise TypeError("money is offered to what waits for it")
        stream = streams.committee(entry.committee_id)
        place = committee.PlaceApplication(
            application_id=application_id, money_available=True, on=self.on
        )
        placed = committee.decide(place, loaded.state(committee.DECIDER, stream))
        loaded.advance(committee.DECIDER, stream, placed)
        return stream, placed


def _allowed(loaded: Loaded, known: application.Application) -> Spread:
    if isinstance(known, application.NotReceived):
        return Spread(provinces={})
    provinces = {each.participant_id: each.province for each in known.proposal.participants}
    return Spread(terms=terms_of(loaded, known), provinces=provinces)


def _pockets(listed: waitlist.Waitlist, allowed: Iterable[Spread]) -> Iterable[str]:
    asked = (cell.pocket for entry in listed.entries for cell in entry.funding)
    stand_ins = (terms.code for each in allowed for terms in each.terms)
    return dict.fromkeys([*asked, *stand_ins])
