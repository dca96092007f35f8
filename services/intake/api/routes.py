"""All routes of the service."""

from services.intake.api import (
    applications,
    catalogue,
    documents,
    form,
    participation,
    pipeline,
    reviews,
    submissions,
    timeline,
)

ROUTERS = (
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
    reviews.router,
    form.router,
    participation.router,
    submissions.router,
)
