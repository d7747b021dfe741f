"""PACKAGING: the browser extension as this server hands it out."""
