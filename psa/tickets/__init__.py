"""What clients ask for, what was said about it, and what happened to it."""
