"""What residents say: concerns, and working groups' input. The two do not import each other."""
