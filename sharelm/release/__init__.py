"""RELEASE: plan, write, check and register a published, versioned, unchanging dataset."""
