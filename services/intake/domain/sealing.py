"""
SHA-256 over what was said, so that it can be shown later that it is still the same.

Over canonical JSON: UTF-8, keys sorted, no white space, dates and ids as text. Of our own records
what is empty is left out, so that a field added later, empty by default, changes no hash that was
taken before. What an applicant answered is taken whole.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.intake.domain.consortium import Participant
from services.intake.domain.proposal import Proposal
from shared.kernel.money import Money
from shared.kernel.periods import Quarter

NOT_CONTENT = frozenset({"started_by", "people", "replies"})
"""Parts of a proposal that say who works on it, not what is proposed."""


def content_sha256(proposal: Proposal) -> str:
    """The hash of all that is proposed, in hex."""
    return _sha256(
        {name: value for name, value in _plain(proposal).items() if name not in NOT_CONTENT}
    )


def part_sha256(proposal: Proposal, participant: Participant) -> str:
    """
    The hash of one participant's part, in hex: its role, its costs and its requests.

    The order of the lines does not matter: the same lines are the same part.
    """
    budget = proposal.budget.only_of({participant.participant_id})
    return _sha256(
        {
            "application_id": str(proposal.application_id),
            "organisation_id": str(participant.organisation_id),
            "role": participant.role,
            "costs": sorted(map(_json, budget.costs)),
            "requests": sorted(map(_json, budget.requests)),
        }
    )


def _sha256(value: Any) -> str:
    return hashlib.sha256(_json(value).encode()).hexdigest()


def _json(value: Any) -> str:
    plain = _plain(value)
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _plain(value: Any) -> Any:  # noqa: PLR0911  # one case per kind of value
    match value:
        case Quarter() | UUID():
            return str(value)
        case date():
            return value.isoformat()
        case Money():
            return {"cents": value.cents, "currency": value.currency}
        case Mapping():
            return {str(name): _plain(each) for name, each in value.items()}
        case tuple() | list():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value):
            given = ((each.name, getattr(value, each.name)) for each in fields(value))
            return {name: _plain(each) for name, each in given if not _is_empty(each)}
        case _:
            return value


def _is_empty(value: Any) -> bool:
    return (
        value is None or value is False or (not value and isinstance(value, str | tuple | Mapping))
    )
