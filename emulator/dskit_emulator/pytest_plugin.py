"""pytest fixtures and options."""
