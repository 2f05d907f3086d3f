"""Signed and encrypted mail: S/MIME (RFC 8551) opened as far as it needs no key, OpenPGP (RFC 3156) named."""
