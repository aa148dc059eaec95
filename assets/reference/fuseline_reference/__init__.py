"""PyTorch models in KernelBench's form as references: what fuseline new --reference and import-triton share."""
