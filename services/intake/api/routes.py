"""All routes of the service."""

from services.intake.api import (
    applications,
    budgets,
    calls,
    catalogue,
    documents,
    due_diligence,
    eligibility_check,
    information_requests,
    organisation_import,
    organisations,
    pipeline,
    programme_versions,
    questions,
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
    organisation_import.router,  # before organisations: "import" is no id
    organisations.router,
    calls.router,
    questions.router,
)
