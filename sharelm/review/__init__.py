"""REVIEW: decides what may be released."""
