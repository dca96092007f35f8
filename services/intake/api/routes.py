"""All routes of the service."""

from services.intake.api import applications, catalogue

ROUTERS = (catalogue.router, applications.router)
