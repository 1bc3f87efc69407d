"""How does the worker start, and what does it do by the clock?"""
