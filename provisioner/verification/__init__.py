"""Is it as asked? Look again, try it from outside as a user would, verdicts with values seen."""

from provisioner.verification.verify import Summary, summary, verify

__all__ = ["Summary", "summary", "verify"]
