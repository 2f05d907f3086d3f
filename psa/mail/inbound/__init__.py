"""The way in: fetch → keep → parse → classify → match → rules → file → notify → settle. Start with process.py."""
