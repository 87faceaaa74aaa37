"""Training: scenes as data, the two stages of latent diffusion, and the judge."""
