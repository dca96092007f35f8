"""The HTTP process of impact."""

from fastapi import FastAPI

from services.impact.api import (
    bulk,
    contacts,
    documents,
    ip_register,
    links,
    messages,
    my_survey,
    outcome_views,
    scorecards,
)
from services.impact.api.answering import router as answering
from services.impact.api.link_door import LinkOffice
from services.impact.api.participants import router as participants
from services.impact.api.questionnaires import router as questionnaires
from services.impact.api.reviewing import router as reviewing
from services.impact.api.routes import router
from services.impact.use_cases.event_types import EVENT_TYPES
from shared.process import http_process
from shared.settings import ServiceSettings


def build(settings: ServiceSettings) -> FastAPI:
    """The application, connected when first used."""
    app = http_process(
        settings,
        EVENT_TYPES,
        routers=[
            router,
            answering,
            reviewing,
            participants,
            questionnaires,
            contacts.router,
            links.router,
            messages.router,
            my_survey.router,
            bulk.router,
            ip_register.router,
            outcome_views.router,
            scorecards.router,
            documents.router,
        ],
        title="Impact",
        description="What changed because of it? Yearly surveys after a project's completion.",
        has_timers=True,
    )
    app.state.link_office = LinkOffice.of(settings)
    return app
