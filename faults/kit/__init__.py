"""What harnesses share: servers to break, a mail server that remembers, tables, options."""
