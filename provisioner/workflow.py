"""What does the worker do? Reads as the walk."""
