"""Auto-Assignment Rules: conditions and actions as data, evaluated in order."""
