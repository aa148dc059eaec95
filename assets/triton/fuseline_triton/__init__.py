"""Triton kernels as problems of Fuseline: fuseline import-triton."""
