"""CONSENT: the texts that people agree to, and the record that they did."""
