"""The school office's side: a pupil's page, what a change will do before it is done, and the correction of mistakes."""
