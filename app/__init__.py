"""Gradwalk: step through the computational graph of a small PyTorch snippet, forward and backward."""

__version__ = "0.1.0"
