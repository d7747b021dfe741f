"""Tests of the collection: every trap that a public dataset holds, on invented rows in its shape."""
