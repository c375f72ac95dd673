"""Facades shaped like SDKs that people already call, over any dskit store. Each is imported by its own name."""
