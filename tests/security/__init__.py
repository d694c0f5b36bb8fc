"""Clauses of the security tests of quality.md that are about getting in: S6 guessing, S10 codes, S12 sessions."""
