"""What machines ask of finance."""
