"""Delivery reports: RFC 3464, complaints, and the many servers that write neither."""
