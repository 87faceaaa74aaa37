"""The domain: latent diffusion as typed nodes, one file per stage of the paper.

Stage files are read to learn their ports whenever a workflow is checked or planned, so they import
torch only inside the functions that compute; a check, or a run that is all cached, never loads it.
"""
