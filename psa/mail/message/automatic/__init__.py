"""Mail that no person wrote, and mail that no machine may answer (RFC 3834 and what programs really send)."""
