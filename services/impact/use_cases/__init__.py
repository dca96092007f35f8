"""What impact does: react to other services and to the calendar, and publish."""
