"""
From a service's events to the log, and from the log to other services.

A relay publishes what its service's event store holds; a consumer lets what others published take
effect: once each, in order per key, whatever is killed in between.
"""
