"""The views say of every application what its history says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.intake.domain import application_events as events
from services.intake.domain.application import DECIDER
from services.intake.domain.application_state import NotStarted, stage_of
from services.intake.domain.programme import ProgrammePublished
from services.intake.projections.application_status import APPLICATION, STAGES, deltas
from services.intake.use_cases.event_types import EVENT_TYPES
from services.intake.use_cases.publishing import to_contract
from shared.contracts import intake as contracts
from shared.eventstore.store import Actor, Context, Recorded, Stream
from shared.kernel.periods import civil_date
from shared.projecting.projection import Change, Insert
from tests.unit.intake.examples import APPLICATION as ID
from tests.unit.intake.examples import NOW, TODAY, definition
from tests.unit.intake.test_application import (
    awarded,
    before_committee,
    declined,
    draft,
    lapsed,
    refused,
    submitted,
    withdrawn,
)

HISTORIES: list[list[events.Event]] = [
    draft,
    [*draft, withdrawn],
    [*draft, submitted, refused],
    before_committee,
    [*before_committee, declined],
    [*before_committee, awarded, lapsed],
]


def recorded(history: Sequence[events.Event]) -> list[Recorded]:
    """The history as the store keeps it."""
    context = Context(
        command_id=UUID(int=1),
        actor=Actor(id="p1"),
        correlation_id=UUID(int=1),
        causation_id=UUID(int=1),
    )
    return [
        Recorded(
            position=number,
            event_id=UUID(int=number),
            stream=Stream("application", ID),
            version=number,
            type=EVENT_TYPES.encode(event)[0],
            event=event,
            context=context,
            recorded_at=datetime(2023, 4, 3, tzinfo=UTC),
        )
        for number, event in enumerate(history, start=1)
    ]


def row_of(history: Sequence[events.Event]) -> dict[str, Any]:
    """The row that a history leads to."""
    row: dict[str, Any] = {}
    for each in recorded(history):
        for delta in deltas(each):
            assert isinstance(delta, Insert | Change)
            if delta.table is not APPLICATION:
                continue
            row.update(delta.row if isinstance(delta, Insert) else delta.values)
    return row


class TestApplicationStatus:
    @pytest.mark.parametrize("history", HISTORIES)
    def test_the_stage(self, history: list[events.Event]) -> None:
        """The stage in the view is the stage of the application."""
        state = DECIDER.fold(history)
        assert not isinstance(state, NotStarted)
        assert row_of(history)["stage"] == stage_of(state)

    def test_the_value(self) -> None:
        """The row carries the request and the match of the budget, in cents."""
        row = row_of(draft)
        assert (row["public_cents"], row["match_cents"]) == (350_000_00, 670_000_00)

    def test_every_event_is_shown_or_changes_no_stage(self) -> None:
        """No event that leads to a stage is forgotten."""
        writing = {
            events.ApplicationStarted,
            events.ConsortiumSet,
            events.BudgetSet,
            events.DocumentAttached,
            events.DocumentDetached,
        }
        assert set(events.Event.__args__) == writing | set(STAGES)  # type: ignore[attr-defined]


class TestStoring:
    @pytest.mark.parametrize("history", HISTORIES)
    def test_events_come_back_as_they_were(self, history: list[events.Event]) -> None:
        """What is stored is read back unchanged."""
        for event in history:
            name, version, data = EVENT_TYPES.encode(event)
            assert EVENT_TYPES.decode(name, version, data) == event


class TestPublishing:
    def test_only_what_concerns_others(self) -> None:
        """Of an application, others hear when it is forwarded, and when it is then withdrawn."""
        told = [to_contract(each) for each in recorded([*before_committee, awarded, lapsed])]
        assert [contract.contract_type for contract in told if contract] == [
            "intake.application-forwarded.v1"
        ]
        assert all(to_contract(each) is None for each in recorded([*draft, withdrawn]))

    def test_how_pockets_are_drawn_on_and_since_when_it_waits(self) -> None:
        """Others hear the terms of each pocket, and the day on which an applicant submitted."""
        [*_, forwarded] = recorded(before_committee)
        told = to_contract(forwarded)
        assert isinstance(told, contracts.ApplicationForwarded)
        assert told.submitted_on == civil_date(NOW)
        published = ProgrammePublished(effective_on=TODAY, version=1, definition=definition, by="m")
        programme = to_contract(replace(forwarded, event=published))
        assert isinstance(programme, contracts.ProgrammePublished)
        assert [(t.code, t.provinces, t.share_bp) for t in programme.pocket_terms] == [
            (pocket.code, pocket.provinces, pocket.share_bp) for pocket in definition.pockets
        ]

    def test_no_person_is_named(self) -> None:
        """Who acted, and business numbers, stay inside."""
        [*_, forwarded] = recorded(before_committee)
        contract = to_contract(forwarded)
        assert contract is not None
        told = contract.model_dump_json()
        assert '"o1"' not in told
        assert "123026635" not in told.replace('"name":"Firm 123026635"', "")
