"""The service: scenarios, risk and reports over HTTP, and jobs that fit and test models.

The server computes scenarios and risk itself, without TensorFlow. Work of minutes is a job: a
command of simgan that a supervisor runs as a process of its own (`jobs`).
"""
