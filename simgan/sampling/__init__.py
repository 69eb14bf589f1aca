"""Drawing scenarios from a bundle, without TensorFlow."""
