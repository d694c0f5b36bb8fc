"""The page of one subject; script asks the same address for the answers alone."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from classbook.common import clock
from classbook.common.errors import NotFound
from classbook.diary.subject import subject_of
from classbook.diary.whatif import Forecast, Needs, forecast
from classbook.grading.forecast import MOST_MARKS
from classbook.grading.queries import Kind
from classbook.grading.rules import weight_text
from classbook.web import dates
from classbook.web.diary.chart import chart_of
from classbook.web.diary.views import children_for, open_diary, reader_here
from classbook.web.frames import frame_of_reader, framed
from classbook.web.request import actor_of, signed_in


@require_safe
@signed_in
def subject(request: HttpRequest, pupil: UUID, group: UUID) -> HttpResponse:
    """A subject of the pupil in a term or the year."""
    student = open_diary(actor_of(request), pupil, "subject")
    if not student.rights.can_see_marks:
        raise NotFound
    asked = request.GET.get("term", "")
    number = 0 if asked == "year" else int(asked) if asked.isdecimal() and len(asked) < 4 else None
    page = subject_of(student, group, number, now=clock.now())
    given = {name: request.GET.get(name, "")[:40] for name in ("mark", "kind", "goal")}
    seen = forecast(page, **given)
    if request.headers.get("Accept") == "application/json":
        return JsonResponse(_answers(seen))
    context = {
        "page": page,
        "pupil": pupil,
        "term": asked,
        "is_pupil": student.rights.relation == "self",
        "forecast": seen,
        "typed_goal": given["goal"],
        "result": _result(seen),
        "kinds": [(kind, _weight(kind)) for kind in page.kinds],
        "needs": [(needs.kind, _weight(needs.kind), needs_in_words(needs)) for needs in seen.needs] if seen else [],
        "chart": chart_of(page.scale, page.steps) if page.scale else None,
    }
    frame = frame_of_reader(request, reader_here(request), children_for(request, student))
    return HttpResponse(framed(request, "diary/subject.html", frame, context))


def _answers(seen: Forecast | None) -> dict[str, object]:
    """What the form's two answers say now."""
    if seen is None:
        return {"result": "", "needs": []}
    return {"result": _result(seen), "needs": [needs_in_words(needs) for needs in seen.needs]}


def _result(seen: Forecast | None) -> str:
    return dates.number(seen.average, 2) if seen and seen.average is not None else "–"


def _weight(kind: Kind) -> str:
    return weight_text(float(kind.weight)) or "1"


def needs_in_words(needs: Needs) -> str:
    """Such as "one mark, at least 4", or "3 more marks, each 5"."""
    need = needs.need
    if need is None:
        return _("It is there already")
    if not need.count:
        return _("more than %(num)s marks") % {"num": MOST_MARKS}
    if need.count == 1:
        return _("one mark, at least %(code)s") % {"code": need.code}
    return ngettext("%(num)s more mark, each %(code)s", "%(num)s more marks, each %(code)s", need.count) % {
        "num": need.count,
        "code": need.code,
    }
