"""The firm itself: its name and, in time, its users and its audit log."""
