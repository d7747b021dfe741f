"""IDENTITY: what stands for a contributor: the user ID, and whatever of a name they choose to show."""
