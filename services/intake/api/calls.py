"""Calls: published, changed openly, found."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.intake.api import call_history
from services.intake.api.call_schemas import (
    CallAmendmentIn,
    CallIn,
    CallOut,
    ClosureIn,
    ExtensionIn,
)
from services.intake.api.doors import AnybodysCounter, ManagersDesk
from services.intake.api.histories import HistoryLine, history
from services.intake.domain import call as calls
from services.intake.projections import calls as views
from services.intake.use_cases import known, streams
from shared.kernel.refusals import NotFound
from shared.web.desk import CommandAnswer
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1", tags=["calls"])


@router.post("/calls", status_code=201)
def publish_call(body: CallIn, desk: ManagersDesk) -> CommandAnswer:
    """Invite applications to a programme, under its version in force."""
    call_id = desk.new_id("call")
    desk.created_at(f"/v1/calls/{call_id}")
    command = calls.PublishCall(
        call_id=call_id,
        programme_code=body.programme_code,
        programme_version=known.programme_of(desk.store, body.programme_code).version,
        title=body.title.to_domain(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        on=desk.today,
        by=desk.caller.id,
        instructions=None if body.instructions is None else body.instructions.to_domain(),
    )
    return desk.carry_out(calls.DECIDER, streams.call(call_id), command)


@router.put("/calls/{call_id}")
def amend_call(call_id: UUID, body: CallAmendmentIn, desk: ManagersDesk) -> CommandAnswer:
    """
    Announce it otherwise, and say why; the version of its programme stays.

    Once it is open, its opening and its closing stay as they are: see `…/extension` and
    `…/closure`. Once it has closed, nothing changes any more.
    """
    command = calls.AmendCall(
        title=body.title.to_domain(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        instructions=None if body.instructions is None else body.instructions.to_domain(),
        reason=body.reason.to_domain(),
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(calls.DECIDER, streams.call(call_id), command)


@router.post("/calls/{call_id}/extension")
def extend_call(call_id: UUID, body: ExtensionIn, desk: ManagersDesk) -> CommandAnswer:
    """Let it close later than announced; one that has closed is not opened again."""
    command = calls.ExtendCall(
        closes_at=body.closes_at,
        reason=body.reason.to_domain(),
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(calls.DECIDER, streams.call(call_id), command)


@router.post("/calls/{call_id}/closure")
def close_call(call_id: UUID, body: ClosureIn, desk: ManagersDesk) -> CommandAnswer:
    """Let it close earlier than announced, not in the past; or close a continuous one."""
    command = calls.CloseCall(
        closes_at=body.closes_at,
        reason=body.reason.to_domain(),
        now=desk.now,
        on=desk.today,
        by=desk.caller.id,
    )
    return desk.carry_out(calls.DECIDER, streams.call(call_id), command)


@router.get("/calls")
def list_calls(
    reader: AnybodysCounter,
    paging: AskedPage,
    programme: Annotated[str | None, Query(max_length=200)] = None,
    open_: Annotated[
        bool | None, Query(alias="open", description="Whether it takes applications now.")
    ] = None,
) -> Page[CallOut]:
    """The calls, in the order in which they were published."""
    after = paging.after(int)
    now = reader.now
    with reader.view(views.PROJECTION) as connection:
        rows = views.calls(
            connection,
            programme=programme,
            open_at=now if open_ is True else None,
            closed_at=now if open_ is False else None,
            after=after[0] if after else None,
            fetch=paging.fetch,
        )
    return paging.page(
        rows, key=lambda row: (row.number,), item=lambda row: CallOut.of_row(row, now=now)
    )


@router.get("/calls/{call_id}")
def call(call_id: UUID, reader: AnybodysCounter) -> CallOut:
    """A published call."""
    state, _ = reader.state(calls.DECIDER, streams.call(call_id))
    if not isinstance(state, calls.Call):
        raise NotFound(kind="call")
    return CallOut.of(state, now=reader.now)


@router.get("/calls/{call_id}/history")
def call_changes(call_id: UUID, reader: AnybodysCounter, paging: AskedPage) -> Page[HistoryLine]:
    """How it was published and changed, and why, oldest first."""
    reader.state(calls.DECIDER, streams.call(call_id))
    return history(reader.store.load(streams.call(call_id)), call_history.tell, paging)
