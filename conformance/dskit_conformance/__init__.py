"""Property-based certification of object stores through dskit's public client API."""
