"""What selection is called, everywhere."""

SERVICE = "selection"
