"""All routes of the service."""

from services.intake.api import applications, catalogue, documents

ROUTERS = (catalogue.router, applications.router, documents.router)
