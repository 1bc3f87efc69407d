"""How is a letter sent?"""
