"""
The golden corpus: one stored event of every type and version that was ever released.

``tests/contracts/corpus/<service>/<type>.v<n>.json`` holds the JSON as it stands in a store.
A file is added when a version is released, and never edited or removed. A field with a default may
be added within a version; anything else is a new version with an upcaster.
"""

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from deploy.services import PORTS
from shared.eventstore.codec import EventTypes

FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Stored:
    """One event as it stands in a store."""

    service: str
    type: str
    version: int
    data: Any

    @property
    def file(self) -> Path:
        """Where it is kept."""
        return FOLDER / self.service / f"{self.type}.v{self.version}.json"


def event_types(service: str) -> EventTypes:
    """What a service can read."""
    types: EventTypes = import_module(f"services.{service}.use_cases.event_types").EVENT_TYPES
    return types


def released() -> list[Stored]:
    """Every event type and version that the code knows, with its fixture's data if there is one."""
    found = []
    for service in PORTS:
        for each in event_types(service):
            for version in range(1, each.version + 1):
                stored = Stored(service, each.name, version, None)
                data = json.loads(stored.file.read_text("utf-8")) if stored.file.exists() else None
                found.append(Stored(service, each.name, version, data))
    return found
