"""The HTTP process of intake."""

from fastapi import FastAPI

from services.intake.api.routes import ROUTERS
from services.intake.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    return http_process(
        settings,
        EVENT_TYPES,
        routers=ROUTERS,
        title="Intake",
        description="Who asks, for what, and may they? Programmes, calls and applications.",
        has_timers=True,
    )
