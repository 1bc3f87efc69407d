"""What is there now? Read-only observations, typed by system."""
