"""LoRA files: what they hold, which weights they mean, and the weights with them added.

W' = W + s (alpha / r) B A  (Hu et al. 2021, arXiv:2106.09685, Sec. 4.1): A maps down to rank r, B
up again. Everything but the sum itself is decided from the header.
"""
