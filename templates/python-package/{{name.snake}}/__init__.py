"""{{summary}}"""

from .core import greet

__all__ = ["greet"]
__version__ = "{{version}}"
