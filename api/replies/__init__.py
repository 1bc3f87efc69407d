"""In which words does the API answer? One reply model a noun, made from the domain value in one place."""
