"""Default Templates: what the mail says that we send, and what a firm has made of it."""
