"""Certificates: is the one served the one that was asked for?"""
