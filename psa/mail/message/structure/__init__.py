"""The tree of a message: boundaries, header fields, parts and what encodes them. Faults are noted, none is raised."""
