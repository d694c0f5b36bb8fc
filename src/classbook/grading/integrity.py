"""Does every mark agree with its history?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, OuterRef, Subquery

from classbook.grading.models import Mark, MarkChange


def problems() -> Iterator[str]:
    """A sentence for each mark whose last change differs from it, or whose versions have a gap."""
    last = MarkChange.objects.filter(mark=OuterRef("pk")).order_by("-version")
    marks = Mark.objects.annotate(
        last_version=Subquery(last.values("version")[:1]),
        last_code=Subquery(last.values("code")[:1]),
        last_status=Subquery(last.values("status")[:1]),
    )
    agreeing = marks.filter(last_version=F("version"), last_code=F("code"), last_status=F("status"))
    for pk in marks.exclude(pk__in=agreeing.values("pk")).values_list("pk", flat=True):
        yield f"Mark {pk} differs from the last entry of its history."
    gaps = MarkChange.objects.values("mark_id").annotate(n=Count("pk"), last=Max("version")).exclude(n=F("last"))
    for row in gaps:
        yield f"The history of mark {row['mark_id']} has a gap."
