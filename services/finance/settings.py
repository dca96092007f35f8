"""What finance is called, everywhere."""

SERVICE = "finance"
