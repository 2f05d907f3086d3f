"""Signing in to a mail server with a provider's grant (OAuth2, RFC 6749) instead of a password."""
