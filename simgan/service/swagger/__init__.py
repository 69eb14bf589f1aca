"""Swagger UI, which shows ``/openapi.json``: the files of swagger-ui-dist 5.35.0 that it needs.

``npm pack swagger-ui-dist`` gives newer ones.
"""
