"""A shared web host: one look serves its accounts, Apache, PHP, databases and certificates."""
