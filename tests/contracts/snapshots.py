"""
The JSON Schemas of all contracts, kept in ``tests/contracts/schemas``.

``python -m tests.contracts.snapshots`` writes those that are new or have grown; it refuses to
overwrite one with a breaking change: a changed meaning is a new contract type.
"""

import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import shared.contracts
from shared.contracts.base import Contract

FOLDER = Path(__file__).parent / "schemas"


def contracts() -> list[type[Contract]]:
    """Every published contract class, in order of its type."""
    for module in iter_modules(shared.contracts.__path__):
        import_module(f"shared.contracts.{module.name}")
    found = [
        each
        for each in _subclasses(Contract)
        # Other tests make contracts of their own.
        if "contract_type" in vars(each) and each.__module__.startswith("shared.contracts.")
    ]
    return sorted(found, key=lambda each: each.contract_type)


def _subclasses(parent: type[Contract]) -> Iterator[type[Contract]]:
    for child in parent.__subclasses__():
        yield child
        yield from _subclasses(child)


def schema(contract: type[Contract]) -> dict[str, Any]:
    """What readers of this contract may rely on."""
    return contract.model_json_schema(mode="serialization")


def snapshot_file(contract: type[Contract]) -> Path:
    """Where its snapshot is kept."""
    return FOLDER / f"{contract.contract_type}.json"


def breaking_changes(old: Any, new: Any, at: str = "") -> list[str]:
    """
    What a reader of ``old`` could no longer rely on in ``new``.

    Fields and definitions may be added; none may go, change its type or its format, and an
    enumeration may not grow values that old readers do not know.
    """
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [] if old == new else [f"{at}: {old!r} became {new!r}"]
    problems = []
    for key, value in old.items():
        if key in {"description", "title"}:
            continue
        if key not in new:
            problems.append(f"{at}/{key} is gone")
        elif key == "required":
            gone = set(value) - set(new[key])
            problems += [f"{at}: {name} may now be missing" for name in sorted(gone)]
        else:
            problems += breaking_changes(value, new[key], f"{at}/{key}")
    return problems


def main() -> int:
    """Write the snapshots; the number of contracts that were refused."""
    FOLDER.mkdir(exist_ok=True)
    refused = 0
    for contract in contracts():
        path, new = snapshot_file(contract), schema(contract)
        old = json.loads(path.read_text("utf-8")) if path.exists() else {}
        problems = breaking_changes(old, new)
        if problems:
            refused += 1
            print(f"{contract.contract_type} is a promise:", *problems, sep="\n  ")  # noqa: T201
        else:
            text = json.dumps(new, indent=2, ensure_ascii=False, sort_keys=True)
            path.write_text(text + "\n", encoding="utf-8")
    return refused


if __name__ == "__main__":
    sys.exit(main())
