"""What servers' words and codes are evidence of: tables, weighed in bounce_reasons.py."""
