"""The companies that the firm serves, their domains and their people."""
