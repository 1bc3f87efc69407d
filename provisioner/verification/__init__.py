"""Is it as asked? Look again, try it from outside as a user would, verdicts with values seen."""
