def pytest_configure(config):
    config.addinivalue_line(
        "markers",
        "correction: a deliberate difference; deselect (-m 'not correction') to run on the reference",
    )
