"""What impact is called, everywhere."""

SERVICE = "impact"
