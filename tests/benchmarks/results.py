"""Keep what was measured, with the machine it was measured on, under ``.jalon/bench``."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic_core import to_jsonable_python

FOLDER = Path(".jalon/bench")


def keep(name: str, title: str, *, results: Any, table: str, machine: dict[str, Any]) -> None:
    """Add one measurement to ``results.jsonl``, for programs, and to ``results.md``, to read."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    FOLDER.mkdir(parents=True, exist_ok=True)
    line = {"name": name, "at": at, "machine": machine, "results": to_jsonable_python(results)}
    with (FOLDER / "results.jsonl").open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    with (FOLDER / "results.md").open("a", encoding="utf-8") as page:
        page.write(f"## {title}\n\n`{name}`, {at}; {_sentence(machine)}\n\n{table}\n\n")


def _sentence(machine: dict[str, Any]) -> str:
    parts = []
    for name, value in machine.items():
        if isinstance(value, dict):
            inner = ", ".join(f"{key} {each}" for key, each in value.items())
            parts.append(f"{name} ({inner})")
        else:
            parts.append(f"{name} {value}")
    return ", ".join(parts)
