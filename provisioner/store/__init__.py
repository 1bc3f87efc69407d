"""What do we remember? Tables and every query."""
