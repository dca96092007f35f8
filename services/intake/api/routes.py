"""All routes of the service."""

from services.intake.api import (
    applications,
    budgets,
    calls,
    catalogue,
    documents,
    due_diligence,
    eligibility_check,
    form,
    information_requests,
    organisation_import,
    organisations,
    participation,
    pipeline,
    programme_versions,
    questions,
    reviews,
    similarity,
    submissions,
    timeline,
)

# The import of organisations and the schema of programmes come before what takes an id.
ROUTERS = (
    programme_versions.router,
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
    form.router,
    participation.router,
    submissions.router,
)
