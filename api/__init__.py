"""The gate: takes requests, shows plans, records decisions. It holds no key to any target system."""
