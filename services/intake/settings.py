"""What the intake service is called."""

SERVICE = "intake"
TITLE = "Intake"
DESCRIPTION = "Who asks, for what, and may they?"
