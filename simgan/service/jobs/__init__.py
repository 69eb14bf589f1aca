"""Jobs: work of minutes that outlives a request, a server and a supervisor.

A job is a command of simgan. `orders` makes it of a request, `store` keeps it in the database, and
one supervisor for each workspace runs it in a session of its own.
"""
