"""Renderings of a certificate. Each is a pure function of the JSON document."""
