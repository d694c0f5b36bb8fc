"""Every write of lessons."""
