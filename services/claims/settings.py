"""What claims is called, everywhere."""

SERVICE = "claims"
