"""How is a letter set and signed? The only room that opens the signing keys."""
