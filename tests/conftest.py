"""Property tests draw the same examples everywhere: green here is green on your machine too."""

import os

from hypothesis import settings

from main import SPINS

# as main.py does: threads that spin make a test beside another program twenty times slower
os.environ.setdefault("GOMP_SPINCOUNT", SPINS)

# no deadlines: how long an example takes says nothing on a busy machine, and would fail the test
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")  # other examples: pytest --hypothesis-profile=explore
