"""How does a person at a terminal ask the gate?"""
