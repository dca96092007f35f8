"""What intake keeps beside its events."""
