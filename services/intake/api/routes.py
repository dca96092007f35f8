"""All routes of the service."""

from services.intake.api import (
    applications,
    catalogue,
    documents,
    pipeline,
    programme_versions,
    timeline,
)

ROUTERS = (
    programme_versions.router,  # before the catalogue: "schema" is no programme's code
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
)
