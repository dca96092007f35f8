"""All routes of the service."""

from services.intake.api import (
    applications,
    calls,
    catalogue,
    documents,
    organisation_import,
    organisations,
    pipeline,
    questions,
    timeline,
)

ROUTERS = (
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
    # Before what takes an id: "import" and "duplicates" are not ids.
    organisation_import.router,
    organisations.router,
    calls.router,
    questions.router,
)
