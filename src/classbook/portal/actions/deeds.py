"""The history of accounts."""

from __future__ import annotations

from classbook.portal.models import Citizen, Deed


def note(kind: str, citizen: Citizen, *, by: Citizen | None = None, **data: str) -> None:
    """Write a line of history. `by` is somebody else who acted; values of documents never go in."""
    Deed.objects.create(kind=kind, citizen_id=citizen.pk, actor_id=(by or citizen).pk, data=data)
