"""The pages of the service: templates, texts in two languages, and files that a browser loads."""
