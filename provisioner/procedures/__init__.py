"""Who acts next, and by when?"""
