"""Every write of marks."""

from classbook.grading.actions.record_many import MarkWrite, Written, marks_in, record_marks

__all__ = ["MarkWrite", "Written", "marks_in", "record_marks"]
