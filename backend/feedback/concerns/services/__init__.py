"""Every write to a concern, by what it is for."""
