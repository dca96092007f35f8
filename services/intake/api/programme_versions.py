"""What a programme's document is made of, its versions, and what changed between two of them."""

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.intake.api.doors import AnybodysCounter
from services.intake.api.programme_schemas import (
    ChangeOut,
    DiffOut,
    ProgrammeVersion,
    programme_schema,
)
from services.intake.domain import programme as programmes
from services.intake.domain.definition_diff import changes
from services.intake.use_cases import streams
from shared.kernel.refusals import NotFound
from shared.web.paging import AskedPage, Page

router = APIRouter(prefix="/v1/programmes", tags=["programmes"])


@router.get("/schema")
def schema(_reader: AnybodysCounter) -> dict[str, Any]:
    """The JSON Schema 2020-12 of what publishes a programme."""
    return _schema()


@router.get("/{code}/versions")
def versions(code: str, reader: AnybodysCounter, paging: AskedPage) -> Page[ProgrammeVersion]:
    """The versions of a programme, newest first."""
    state, _ = reader.state(programmes.DECIDER, streams.programme(code))
    before = paging.after(int)
    newest = state.version if before is None else min(state.version, before[0] - 1)
    return paging.page(
        range(newest, max(0, newest - paging.fetch), -1),
        key=lambda version: (version,),
        item=lambda version: ProgrammeVersion(
            version=version,
            published_on=state.published_on[version - 1],
            in_force=version == state.version,
            changes=0
            if version == 1
            else len(changes(state.definition(version - 1), state.definition(version))),
        ),
    )


@router.get("/{code}/diff")
def diff(
    code: str,
    reader: AnybodysCounter,
    earlier: Annotated[int, Query(alias="from", ge=1)],
    later: Annotated[int, Query(alias="to", ge=1)],
) -> DiffOut:
    """What changes from one version to another, with a sentence for each change."""
    state, _ = reader.state(programmes.DECIDER, streams.programme(code))
    if max(earlier, later) > state.version:
        raise NotFound(kind="programme version")
    return DiffOut(
        code=code,
        from_version=earlier,
        to_version=later,
        changes=[
            ChangeOut(
                path=change.path,
                before=change.before,
                after=change.after,
                sentence=change.sentence,
            )
            for change in changes(state.definition(earlier), state.definition(later))
        ],
    )


@cache
def _schema() -> dict[str, Any]:
    return programme_schema()
