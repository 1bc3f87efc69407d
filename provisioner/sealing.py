"""How does a secret lie still? Sealed, bound to its row."""
