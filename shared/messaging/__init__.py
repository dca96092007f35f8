"""From a service's events to the log, and from the log to other services."""
