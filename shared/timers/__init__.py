"""Durable timers: a projection of events, polled, fired once, never early and never dropped."""
