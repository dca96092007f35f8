"""Impact's HTTP interface."""
