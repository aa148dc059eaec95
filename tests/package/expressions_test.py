#!/usr/bin/env python3
"""Expressions in a package mean what they mean to the tuner: both are held against expressions.json."""

import json
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
import sample

TABLE = pathlib.Path(__file__).resolve().parent / "expressions.json"


class Expressions(unittest.TestCase):
    def setUp(self):
        self.expressions = sample.fixed_modules()["_expressions"]

    def test_every_line_of_the_table_has_its_value_or_fails(self):
        for line in json.loads(TABLE.read_text()):
            with self.subTest(text=line["text"][:80]):
                if line.get("error"):
                    with self.assertRaises(self.expressions.ExpressionError):
                        self.expressions.evaluate(line["text"], line["scope"])
                else:
                    self.assertEqual(self.expressions.evaluate(line["text"], line["scope"]), line["value"])

    def test_an_integer_is_whole_and_in_its_range(self):
        evaluate_integer = self.expressions.evaluate_integer
        self.assertEqual(evaluate_integer("2^40 + 1", {}), 2**40 + 1)
        self.assertEqual(evaluate_integer("0.1 * 30", {}), 3)
        for text in ("1/2", "0 - 1", "2^53 + 2", "1/0"):
            with self.subTest(text=text), self.assertRaises(self.expressions.ExpressionError):
                evaluate_integer(text, {})
        self.assertEqual(evaluate_integer("0 - 5", {}, -10), -5)
        with self.assertRaises(self.expressions.ExpressionError):
            evaluate_integer("0", {}, 1)

    def test_an_error_names_the_expression(self):
        with self.assertRaisesRegex(self.expressions.ExpressionError, r'"n / 0" divides by zero'):
            self.expressions.evaluate("n / 0", {"n": 1})


if __name__ == "__main__":
    unittest.main()
