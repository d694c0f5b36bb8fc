"""The writes of the journal: the one save, and remarks."""

from classbook.journal.actions.remarks import NewRemark, take_back_remark, write_remark
from classbook.journal.actions.save import CellsConflict, CellsRefused, save

__all__ = ["CellsConflict", "CellsRefused", "NewRemark", "save", "take_back_remark", "write_remark"]
