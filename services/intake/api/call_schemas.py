"""Calls, as they are sent and answered."""

from datetime import datetime
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.intake.api.words import Name, Words
from services.intake.domain.bilingual import Bilingual
from shared.web.schemas import Request


class CallIn(Request):
    """A call to publish."""

    programme_code: Name
    title: Words
    opens_at: AwareDatetime
    closes_at: AwareDatetime | None = None
    """null: the call is continuous."""


class CallOut(BaseModel):
    """A published call."""

    id: UUID
    programme_code: str
    programme_version: int
    title: Bilingual
    opens_at: datetime
    closes_at: datetime | None
