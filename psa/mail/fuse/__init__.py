"""The fuse: how much our machines may answer, and the incident that is left when they have answered too much."""
