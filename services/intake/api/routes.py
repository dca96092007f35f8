"""All routes of the service."""

from services.intake.api import applications, catalogue, reviews

ROUTERS = (catalogue.router, applications.router, reviews.router)
