"""
What the services publish: promises, one module per publisher.

A contract is versioned by name; a published field is never removed or retyped.
Consumers ignore what they do not know. No personal data: people are opaque ids.
"""
