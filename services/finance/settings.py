"""What is finance's own to set: its name."""

SERVICE = "finance"
