"""Does every absence agree with its history?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from classbook.attendance.models import AttendanceChange, AttendanceRecord


def problems() -> Iterator[str]:
    """A sentence for each record whose last change differs from it, or whose versions have a gap."""
    last = AttendanceChange.objects.filter(record=OuterRef("pk")).order_by("-version")
    records = AttendanceRecord.objects.annotate(
        last_version=Subquery(last.values("version")[:1]),
        last_code=Subquery(last.values("code")[:1]),
        own_code=Coalesce("code__code", Value("")),
    )
    agreeing = records.filter(last_version=F("version"), last_code=F("own_code"))
    for pk in records.exclude(pk__in=agreeing.values("pk")).values_list("pk", flat=True):
        yield f"Attendance record {pk} differs from the last entry of its history."
    gaps = AttendanceChange.objects.values("record_id").annotate(n=Count("pk"), last=Max("version")).exclude(n=F("last"))
    for row in gaps:
        yield f"The history of attendance record {row['record_id']} has a gap."
