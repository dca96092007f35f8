"""The waiting list: what would be funded if there were money."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends

from services.selection.api.decision_schemas import RankIn
from services.selection.api.doors import SECRETARY, hand_in
from services.selection.api.register_schemas import WaitingOut
from services.selection.api.registers import Programme, Staff
from services.selection.domain import application, waitlist
from services.selection.use_cases import streams
from services.selection.use_cases.loading import applications
from shared.eventstore.together import Changes, Loaded
from shared.kernel.money import total
from shared.web.desk import CommandAnswer, Desk, at_desk
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1/waiting-list", tags=["waiting list"])


@router.get("")
def show_waiting_list(
    reader: Staff, paging: AskedPage, programme: Programme = None
) -> Page[WaitingOut]:
    """Who waits for money, by programme and rank; never behind, for it is read as it is stored."""
    loaded = Loaded(reader.store)
    listed = loaded.state(waitlist.DECIDER, streams.waitlist())
    after = paging.after(str, int)
    rows = sorted(
        (each.programme_code, listed.rank(each), each)
        for each in listed.entries
        if programme in {None, each.programme_code}
    )
    shown = [row for row in rows if after is None or row[:2] > after][: paging.fetch]
    known = applications(loaded, [entry.application_id for _, _, entry in shown])
    return paging.page(
        shown,
        key=lambda row: row[:2],
        item=lambda row: _line(row[2], row[1], known[row[2].application_id]),
    )


@router.put("/{application_id}/rank")
def rank_application(
    application_id: UUID, body: RankIn, desk: Annotated[Desk, Depends(at_desk(SECRETARY))]
) -> CommandAnswer:
    """Give an application another place among those of its programme, with a reason."""
    stream = streams.waitlist()
    rank = waitlist.RankApplication(
        application_id=application_id, rank=body.rank, reason=body.reason, on=desk.today
    )

    def decide(loaded: Loaded) -> Changes:
        return [(stream, waitlist.decide(rank, loaded.state(waitlist.DECIDER, stream)))]

    return hand_in(desk, decide, about=stream)


def _line(entry: waitlist.Entry, rank: int, known: application.Application) -> WaitingOut:
    return WaitingOut(
        programme_code=entry.programme_code,
        rank=rank,
        application_id=entry.application_id,
        committee_id=entry.committee_id,
        title="" if isinstance(known, application.NotReceived) else known.proposal.title,
        amount=total(cell.amount for cell in entry.funding),
        funding=entry.funding,
        since=entry.since,
        state="waiting" if entry.offered_on is None else "offered",
        offered_on=entry.offered_on,
    )
