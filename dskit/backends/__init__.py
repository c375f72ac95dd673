"""The backends of the client API. Each module imports its library when its store is constructed, not before."""
