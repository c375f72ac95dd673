"""What stands between a front and the service: health, the access log."""
