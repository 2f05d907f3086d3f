"""Bytes to characters: the charset that is named, else the one that the bytes speak for."""
