"""What this service is called."""

SERVICE = "selection"
