"""The life cycle of suggestions as a model that random lives are compared with."""
