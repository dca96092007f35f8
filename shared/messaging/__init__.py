"""
Between services: what a service's event store holds is published by its relay, and what others
published is answered by its consumer. Each published fact has its effect exactly once, in order
per key, whatever is killed in between.
"""
