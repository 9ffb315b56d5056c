"""`tmc demo`: the whole main job over HTTP, as each role, against a running demonstration; documentation that runs."""
