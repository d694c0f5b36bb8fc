"""School rosters in the form of OneRoster CSV packages, 1.1 and 1.2 (standards.md 1.1)."""
