"""The services: each decides one thing, and they meet only through contracts."""
