"""How far did it get?"""
