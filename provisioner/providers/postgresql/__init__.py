"""PostgreSQL: does the login work from outside, and reach nothing but its own?"""
