"""The zone: who holds which name, and what does the authority answer?"""
