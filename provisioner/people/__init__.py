"""Who may act? Persons, dated positions, rights, offices."""
