"""The one write of the journal."""

from classbook.journal.actions.save import CellsConflict, CellsRefused, save

__all__ = ["CellsConflict", "CellsRefused", "save"]
