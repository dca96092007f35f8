"""Tables in files: read from outside without trust, and written for people to take away."""
