"""All endpoints of this service."""

from services.selection.api import committees, meetings, registers

ROUTERS = (committees.router, meetings.router, registers.router)
