"""Accounts: does SFTP let the user in, and keep him in? Does the storage limit bite?"""
