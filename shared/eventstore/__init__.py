"""Streams of events: appended once, in one dense order, and never changed."""
