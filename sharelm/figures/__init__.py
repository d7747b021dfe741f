"""FIGURES: what is said in public about all contributions together. Never about fewer than ten contributors."""
