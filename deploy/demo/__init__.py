"""The demonstration: any portfolio of projects, driven through the services' HTTP APIs."""
