"""Tables of getting in: letters, proving a contact, getting in again, and how often something was tried."""

from classbook.accounts.models.contacts import ContactCode
from classbook.accounts.models.invitations import Correction, Invitation
from classbook.accounts.models.limits import RateBucket
from classbook.accounts.models.linking import PortalLink
from classbook.accounts.models.old_passwords import OldPassword
from classbook.accounts.models.recovery import RecoveryCode, RecoveryRequest
from classbook.accounts.models.registration import Registration

__all__ = [
    "ContactCode",
    "Correction",
    "Invitation",
    "OldPassword",
    "PortalLink",
    "RateBucket",
    "RecoveryCode",
    "RecoveryRequest",
    "Registration",
]
