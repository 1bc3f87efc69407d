"""What does the gate let in? It takes requests, shows plans, records decisions, and holds no key to any target."""
