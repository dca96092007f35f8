"""What the services share. Nothing here knows a service."""
