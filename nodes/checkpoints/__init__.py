"""Model files: safetensors headers, the config and licence they carry, loading and saving.

Only safetensors is read. Pickled checkpoints can run code when opened and are refused.
"""
