"""A public battery of behaviour tests (audEERING's ser-tests), on what is here."""
