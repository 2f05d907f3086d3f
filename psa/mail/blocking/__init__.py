"""Blocked senders and domains: their mail is ignored with the reason, and can be processed again."""
