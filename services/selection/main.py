"""The HTTP process of selection."""

from fastapi import FastAPI

from services.selection.api.routes import ROUTERS
from services.selection.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    return http_process(
        settings,
        EVENT_TYPES,
        routers=ROUTERS,
        title="Selection",
        description="Who is chosen, and what do we promise? Committees, decisions and pockets.",
        has_timers=True,
    )
