"""What impact decides: which surveys follow a project, and when an answer is accepted."""
