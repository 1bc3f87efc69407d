"""How does a letter become a paper? As PDF/A, from the press's own template and font; nobody else opens typst."""
