"""The Mail log: every message in and out, what became of it, and why."""
