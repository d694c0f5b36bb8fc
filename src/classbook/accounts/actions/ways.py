"""What the school does for a family that does not get in. Letters are issued and withdrawn by actions.letters."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from classbook.accounts.actions.letters import lines_of, may_issue_for
from classbook.accounts.actions.notices import tell
from classbook.accounts.models import PortalLink
from classbook.common.errors import NotFound
from classbook.events.actions import record_audit
from classbook.schools.access import Actor
from classbook.schools.models import SchoolClass
from classbook.schools.roles import Permission


def open_class_for_help(actor: Actor, uid: UUID) -> SchoolClass:
    """A class for its class teacher, for those who issue letters, and for the school's IT. Raises NotFound."""
    found = SchoolClass.objects.select_related("school", "year", "class_teacher").filter(uid=uid).first()
    if found is None or not (may_issue_for(actor, found) or actor.may(Permission.HELP_SIGN_IN, found.school_id)):
        raise NotFound
    return found


@transaction.atomic
def unlink_for(actor: Actor, school_class: SchoolClass, key: str) -> str:
    """End the portal's link of somebody of the class, such as one that the wrong person made; answers the name.

    The person is told, and gets in by the own password or a new letter. Raises NotFound when there is no link.
    """
    if not may_issue_for(actor, school_class):
        raise NotFound
    lines = lines_of(school_class.school, school_class, actor=actor)
    line = next((one for one in lines if one.key == key and one.barred != "staff"), None)
    if line is None:
        raise NotFound
    ended, _rows = PortalLink.objects.filter(person=line.person, iss=settings.PORTAL_ISSUER).delete()
    if not ended:
        raise NotFound
    subject = ("person", line.person.pk)
    record_audit("account.unlinked", actor_id=actor.person_id, school_id=school_class.school_id, subject=subject)
    tell(line.person.pk, "portal-unlinked")
    return line.name
