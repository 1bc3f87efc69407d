"""What does the world answer? Providers look, and try as a user; they change nothing but their own probes."""
