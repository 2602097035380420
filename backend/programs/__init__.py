"""Who gets a place: programs, cohorts, applications. Imports events and the rooms below it; never feedback."""
