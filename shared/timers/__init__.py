"""Durable timers: a projection of events, never early, fired once."""
