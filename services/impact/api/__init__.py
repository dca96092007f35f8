"""Routes and schemas."""
