"""What do our action plugins have in common?"""
