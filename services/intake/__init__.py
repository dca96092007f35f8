"""Intake: who asks, for what, and may they?"""
