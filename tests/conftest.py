"""Property tests draw the same examples everywhere: green here is green on your machine too."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore")
settings.load_profile("repeatable")  # other examples: pytest --hypothesis-profile=explore
