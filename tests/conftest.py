"""Property tests draw the same examples everywhere: green here is green on your machine too."""

from hypothesis import settings

# no deadlines: how long an example takes says nothing on a busy machine, and would fail the test
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")  # other examples: pytest --hypothesis-profile=explore
