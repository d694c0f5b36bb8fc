"""Every write of a school's people and terms, by what it is about."""
