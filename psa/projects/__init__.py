"""What the firm does for a client over a time."""
