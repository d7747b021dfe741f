"""ANONYMISE: replaces what identifies somebody by placeholders such as `[EMAIL_ADDRESS_1]`."""
