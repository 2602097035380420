"""Every write to a working group, by what it is for."""
