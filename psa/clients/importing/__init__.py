"""Clients and contacts from a file: read, map its columns, say what would become of each row, take them in one go."""
