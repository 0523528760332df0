"""A domain of its own in a package of its own: banners, added to Likeness by two entry points."""
