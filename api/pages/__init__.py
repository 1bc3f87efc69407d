"""What does the gate show to a person? HTML, one file a noun, named as its routes."""
