"""Can we show it?"""
