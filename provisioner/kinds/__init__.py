"""What can be asked for? One folder a kind."""
