"""The ways out. A channel sends one delivery and says in two errors why it could not."""

from __future__ import annotations


class Undeliverable(Exception):
    """Nobody will ever receive this message. The text names no address."""


class Failed(Exception):
    """It did not work this time. The text names no address."""
