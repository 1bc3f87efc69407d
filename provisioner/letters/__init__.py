"""What does the office send?"""
