"""Classbook: class journal, school diary, school office and authority view."""
