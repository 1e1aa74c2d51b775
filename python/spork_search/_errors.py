"""What can go wrong."""


class SporkError(Exception):
    """Anything that goes wrong in the engine. The message says where, what was expected, what was
    found, and the remedy."""


class SporkValueError(SporkError, ValueError):
    """Input that makes no sense, or an index, model or file that is damaged."""


class SporkOSError(SporkError, OSError):
    """A file or folder that can't be read or written."""


class NoDocumentError(SporkError, LookupError):
    """A document that is not in the index, or deleted."""
