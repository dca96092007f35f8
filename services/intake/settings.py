"""What intake is called, everywhere."""

SERVICE = "intake"
