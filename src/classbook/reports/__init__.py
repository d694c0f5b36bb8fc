"""What is recorded and what is not: reads across lessons, attendance and people for the school's own pages."""
