"""The chapters of the list."""
