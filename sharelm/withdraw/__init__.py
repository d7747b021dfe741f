"""WITHDRAW: cuts across all stages. Hide now, erase soon, count what is left."""
