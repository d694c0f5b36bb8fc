"""Every write of marks."""

from classbook.grading.actions.record_many import MarkWrite, Written, marks_in, record_marks
from classbook.grading.actions.reopening import close_again, reopen_term

__all__ = ["MarkWrite", "Written", "close_again", "marks_in", "record_marks", "reopen_term"]
