"""The HTTP process of impact."""

from fastapi import FastAPI

from services.impact.api.routes import router
from services.impact.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    return http_process(
        settings,
        EVENT_TYPES,
        routers=[router],
        title="Impact",
        description="What changed because of it? Yearly surveys after a project's completion.",
        has_timers=True,
    )
