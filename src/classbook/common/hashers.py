"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id with 19 MiB, 2 passes, 1 lane: 53 checks a second on 2 cores, so that 1 September is possible (quality.md 3)."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1
