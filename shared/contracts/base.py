"""The shape all contracts share."""

from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """One published fact. Subclasses name their ``contract_type`` and their ``key``."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    contract_type: ClassVar[str]
    """``{service}.{what-happened}.v{n}``, the CloudEvents ``type``."""

    effective_on: date
    """The civil date on which it happened (not when it was recorded)."""

    @property
    def key(self) -> str:
        """Contracts with the same key are delivered in the order in which they happened."""
        raise NotImplementedError


class ProjectContract(Contract):
    """A fact about one project: all of them are ordered per project."""

    project_id: UUID

    @property
    def key(self) -> str:
        """The project."""
        return str(self.project_id)


class Party(BaseModel):
    """A participant of a consortium, as others may know it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    participant_id: UUID
    organisation_id: UUID
    role: str
    """``lead``, ``adopter``, ``ai-provider``, ``research`` or ``other``."""
    name: str
    province: str
    """Two letters, e.g. ``QC``."""
    sme: bool
    naics: str | None = None
    """What it does, by its number in the NAICS classification; None: not known."""
