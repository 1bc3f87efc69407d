"""What stands there? The delivered thing, its verbs, its nightly look."""
