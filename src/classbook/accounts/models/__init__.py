"""Tables of getting in: letters, proving a contact, getting in again, asking for a child, how often something was tried.

And schools that apply to be connected.
"""

from classbook.accounts.models.applications import SchoolApplication
from classbook.accounts.models.consents import Consent, ConsentText
from classbook.accounts.models.contacts import ContactCode
from classbook.accounts.models.invitations import Correction, Invitation
from classbook.accounts.models.limits import RateBucket
from classbook.accounts.models.linking import PortalLink
from classbook.accounts.models.old_passwords import OldPassword
from classbook.accounts.models.recovery import RecoveryCode, RecoveryRequest
from classbook.accounts.models.registration import Registration
from classbook.accounts.models.requests import AccessRequest
from classbook.accounts.models.trust import TrustInvitation

__all__ = [
    "AccessRequest",
    "Consent",
    "ConsentText",
    "ContactCode",
    "Correction",
    "Invitation",
    "OldPassword",
    "PortalLink",
    "RateBucket",
    "RecoveryCode",
    "RecoveryRequest",
    "Registration",
    "SchoolApplication",
    "TrustInvitation",
]
