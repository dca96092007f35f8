"""Impact: what changed because of it?"""
