"""The commands: words in, words out; each calls one workflow."""
