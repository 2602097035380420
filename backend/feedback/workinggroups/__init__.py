"""What a policy should say, and what became of each comment. Imports events and the rooms below it."""
