"""How does work go on after a crash? The only room that opens dbos."""
