"""A small mail server inside the installation, for trials and demos: both sides of the conversation on one machine."""
