"""What does the gate answer to a program? JSON, one file a noun."""
