"""Latent diffusion in plain torch: networks, schedules, samplers, guidance. Knows no engine."""
