"""What holds for every test."""

from hypothesis import settings

# The same examples at every run, and no time limit on one of them: a test that fails here fails everywhere,
# and a busy machine makes none fail. `--hypothesis-profile=default` looks further.
settings.register_profile("project", deadline=None, derandomize=True)
settings.load_profile("project")
