"""All routes of the service."""

from services.intake.api import applications, catalogue, documents, pipeline, timeline

ROUTERS = (
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
)
