"""DOWNLOAD: everything that a contributor has here, as one file for its owner."""
