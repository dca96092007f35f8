"""All routes of the service."""

from services.intake.api import (
    applications,
    budgets,
    catalogue,
    documents,
    due_diligence,
    eligibility_check,
    information_requests,
    pipeline,
    programme_versions,
    reviews,
    similarity,
    timeline,
)

ROUTERS = (
    programme_versions.router,  # before the catalogue: "schema" is no programme's code
    catalogue.router,
    applications.router,
    documents.router,
    pipeline.router,
    timeline.router,
    budgets.router,
    similarity.router,
    eligibility_check.router,
    reviews.router,
    information_requests.router,
    due_diligence.router,
)
