"""What does the office send? What letter follows from the record, as data; the press sets it, the post sends it."""
