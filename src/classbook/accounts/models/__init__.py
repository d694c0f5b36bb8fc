"""Tables of getting in: letters."""

from classbook.accounts.models.invitations import Correction, Invitation

__all__ = ["Correction", "Invitation"]
