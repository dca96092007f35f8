"""Every event that was ever stored can be read, published and shown by this code."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter

from shared.eventstore.codec import Undecodable
from shared.eventstore.store import Actor, Context, Recorded, Stream
from tests.contracts.corpus import FOLDER, Stored, event_types, released


def label(stored: Stored) -> str:
    return f"{stored.service}/{stored.type}.v{stored.version}"


def holds(now: Any, then: Any) -> bool:
    """All that was stored is there unchanged; fields that came later may stand beside it."""
    if isinstance(then, dict):
        return isinstance(now, dict) and all(
            name in now and holds(now[name], value) for name, value in then.items()
        )
    if isinstance(then, list):
        return (
            isinstance(now, list)
            and len(now) == len(then)
            and all(holds(mine, theirs) for mine, theirs in zip(now, then, strict=True))
        )
    return type(now) is type(then) and now == then


FREE = frozenset({"answers"})
"""Fields that hold whatever JSON an applicant answers: a schema of the programme checks it."""


def damages(value: Any) -> Iterator[Any]:
    """The same JSON, each time with one of its values put into an object, or what is free gone."""
    if isinstance(value, dict):
        for name in value:
            if name in FREE:
                yield {**value, name: "damaged"}
                continue
            yield from ({**value, name: damaged} for damaged in damages(value[name]))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from ([*value[:index], damaged, *value[index + 1 :]] for damaged in damages(each))
    else:
        yield {"damaged": value}


def recorded(stored: Stored) -> Recorded:
    """The event as a reader of the store would get it."""
    event = event_types(stored.service).decode(stored.type, stored.version, json.dumps(stored.data))
    cause = UUID(int=1)
    return Recorded(
        position=1,
        event_id=UUID(int=2),
        stream=Stream("stream", UUID(int=3)),
        version=1,
        type=stored.type,
        event=event,
        context=Context(
            command_id=cause,
            actor=Actor(id="person-7"),
            correlation_id=cause,
            causation_id=cause,
        ),
        recorded_at=datetime(2023, 6, 15, 13, tzinfo=UTC),
    )


class TestCorpus:
    @pytest.mark.parametrize("stored", released(), ids=label)
    def test_every_released_version_has_a_fixture(self, stored: Stored) -> None:
        """A new type or version comes with an example of how it is stored."""
        assert stored.data is not None, f"add {stored.file.relative_to(FOLDER.parent)}"

    def test_no_fixture_is_without_its_code(self) -> None:
        """What was released can be read for ever."""
        known = {stored.file for stored in released()}
        assert set(FOLDER.rglob("*.json")) == known

    @pytest.mark.parametrize("stored", released(), ids=label)
    def test_it_reads_back_as_it_was_stored(self, stored: Stored) -> None:
        """Decoding and encoding the present version loses nothing; what came later is added."""
        types = event_types(stored.service)
        event = recorded(stored).event
        name, version, data = types.encode(event)
        assert name == stored.type
        assert types.decode(name, version, data) == event
        if version == stored.version:
            assert holds(json.loads(data), stored.data)

    @pytest.mark.parametrize("stored", released(), ids=label)
    def test_it_is_read_as_pydantic_would(self, stored: Stored) -> None:
        """Whichever library reads an event, it is the same event as the one that wrote it says."""
        each = next(one for one in event_types(stored.service) if one.name == stored.type)
        if stored.version == each.version:
            assert recorded(stored).event == TypeAdapter(each.cls).validate_python(stored.data)

    @pytest.mark.parametrize("stored", released(), ids=label)
    def test_a_value_of_another_kind_is_an_alarm(self, stored: Stored) -> None:
        """Every value that is stored is checked when it is read."""
        types = event_types(stored.service)
        for damaged in damages(stored.data):
            with pytest.raises(Undecodable):
                types.decode(stored.type, stored.version, json.dumps(damaged))

    @pytest.mark.parametrize("stored", released(), ids=label)
    def test_it_is_published_and_projected(self, stored: Stored) -> None:
        """No released event stops the relay, a projection or the timers."""
        event = recorded(stored)
        worker = import_module(f"services.{stored.service}.worker")
        contract = worker.to_contract(event)
        if contract is not None:
            assert contract.effective_on == event.event.effective_on
            assert type(contract).model_validate_json(contract.model_dump_json()) == contract
        for projection in worker.PROJECTIONS:
            for delta in projection.deltas(event):
                assert delta.table in projection.tables
        if hasattr(worker, "timers_of"):
            assert all(change.timer_id for change in worker.timers_of(event))
