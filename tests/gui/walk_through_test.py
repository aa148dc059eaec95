#!/usr/bin/env python3
"""Every panel, dialog, menu and popup of the window has a picture in walk_through.py, and what is wrong with a picture is told."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import walk_through


def facts(**more):
    return {"boxes": {"roofline": [0, 0, 300, 200], "field.filter": [10, 10, 80, 20]}, "items": ["field.filter"], "second_window": None, "cut": [], **more}


class WalkThrough(unittest.TestCase):
    def test_nothing_has_no_picture(self):
        self.assertEqual(walk_through.check(), 0)

    def test_the_sources_are_understood(self):
        names, unnoted = walk_through.everything()
        self.assertGreater(len([name for name in names if name.startswith("dialog.")]), 8)
        self.assertGreater(len([name for name in names if name.startswith("popup.")]), 12)
        self.assertIn("open.view", names)
        self.assertEqual(unnoted, [])

    def test_what_is_not_open_or_cut_off_or_without_room_is_a_fault(self):
        self.assertEqual(walk_through.faults_of(facts(), ("roofline",), "a.png"), [])
        self.assertIn("popup.row is not open", walk_through.faults_of(facts(), ("popup.row",), "a.png")[0])
        cut = [{"window": 1, "in": "roofline", "text": "Performance (TFLO", "box": [200, 40, 90, 12]}]
        self.assertIn("Performance (TFLO", walk_through.faults_of(facts(cut=cut), (), "a.png")[0])
        typed = [{"window": 1, "in": "results", "text": "block=256 lan", "box": [12, 14, 90, 12]}]
        self.assertEqual(walk_through.faults_of(facts(cut=typed), (), "a.png"), [], "a field scrolls as one types")
        self.assertIn("no room for why", walk_through.faults_of(facts(boxes={"why": [0, 0, 300, 8]}), (), "a.png")[0])

    def test_a_picture_without_its_subject_is_a_fault(self):
        self.assertIn("tooltip is not open", walk_through.faults_of(facts(), ("tooltip",), "a.png")[0])
        self.assertIn("popup.more tabs is not open", walk_through.faults_of(facts(), ("popup.more tabs",), "a.png")[0])

    def test_where_all_tabs_have_room_there_is_no_picture_of_their_menu(self):
        self.assertTrue(walk_through.shows_nothing(facts(), ("popup.more tabs",)))
        self.assertFalse(walk_through.shows_nothing(facts(boxes={"button.more tabs": [0, 0, 30, 30]}), ("popup.more tabs",)))
        self.assertFalse(walk_through.shows_nothing(facts(), ("popup.row",)))


if __name__ == "__main__":
    unittest.main()
