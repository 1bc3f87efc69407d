"""Apache: does the site answer by its name, and no faster than asked?"""
