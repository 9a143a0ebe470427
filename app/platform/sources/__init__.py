"""Where facts came from: import batches, their problems and before-images."""
