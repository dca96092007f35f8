"""From a command or a contract to events, and from events to contracts."""
