"""
Progress reports: what is expected of a participant, and what came.

Each participant reports on every quarter of its part, and on the whole of it at the end.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from shared.kernel.periods import Quarter

ReportKey: TypeAlias = tuple[UUID, Quarter | None]
"""A participant and a quarter; None is the final report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDue:
    """Which report is due on which day."""

    participant_id: UUID
    quarter: Quarter | None
    """None: the final report."""
    due_on: date
    """The last day on which it is in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What every report has, whatever became of it."""

    participant_id: UUID
    quarter: Quarter | None
    due_on: date

    @property
    def key(self) -> ReportKey:
        """How the agreement finds it."""
        return self.participant_id, self.quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReport(Report):
    """It has not come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenReport(Report):
    """What every report has once it came."""

    text: str
    document_sha256: str | None
    submitted_by: str
    submitted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedReport(WrittenReport):
    """It awaits an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedReport(WrittenReport):
    """It will do."""

    accepted_by: str
    accepted_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedReport(WrittenReport):
    """It is expected as before."""

    reason: str
    returned_by: str
    returned_on: date
