"""The dashboard: what today brought, what needs a person, and how the mail flows."""
