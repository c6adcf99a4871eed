"""Runs under pytest, and by `python -m unittest`."""

import unittest

from {{name.snake}} import greet


class GreetTest(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertEqual(greet(" Ada "), "hello, Ada")

    def test_refuses_an_empty_name(self):
        with self.assertRaises(ValueError):
            greet("  ")


if __name__ == "__main__":
    unittest.main()
