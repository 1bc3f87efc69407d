"""What does the worker do? Reads as the walk: look, carry_out (part, undo, deliver), advance.

Housekeeping beside it.
"""
