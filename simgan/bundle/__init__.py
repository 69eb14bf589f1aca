"""The hand-over between learning and sampling: a trained model as plain files."""
