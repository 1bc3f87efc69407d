"""Who said yes, to exactly what?"""
