"""What does the engine do? It carries an approved service request to finished, proved technical work."""
