"""Attempts to be somebody else by mail, and what each of them got."""
