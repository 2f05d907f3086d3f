"""Meetings and people that a message brings: iCalendar (RFC 5545) and vCard (RFC 6350)."""
