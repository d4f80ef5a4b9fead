"""select_tests_test.py SCRIPT: what cmake/select_tests.py answers for names of tests."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = sys.argv.pop(1)
SOURCES = {
    "order_test.cpp": "TEST(Orders, ArePlaced) {}\nTEST_F(Basket,\n       KeepsAnOrder) {}\n",
    "wire_test.cpp": "TEST(Json, KeepsTheOrderOfFields) {}\n",
    "retry_test.cpp": 'TEST_P(Retry, Ends) {}\nINSTANTIATE_TEST_SUITE_P(OfReads, Retry, testing::Values(1, 2));\n',
}
LINES = """order_test|asan|order_test|{folder}/order_test.cpp
wire_test|release,asan|wire_test|{folder}/wire_test.cpp
retry_test|release|retry_test|{folder}/retry_test.cpp
refusals|release||=Reflect.RefusesToCompile_c_array
fuzz.json|asan|json_fuzz|=fuzz.json
"""


class SelectTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        folder = pathlib.Path(self.folder.name)
        for name, text in SOURCES.items():
            (folder / name).write_text(text)
        self.list = folder / "tests.txt"
        self.list.write_text(LINES.format(folder=folder))

    def select(self, preset, name="", *groups):
        return subprocess.run([sys.executable, "-B", SCRIPT, "--name", name, str(self.list), preset, *groups],
                              capture_output=True, text=True)

    def assert_selects(self, answer, programs, groups, pattern):
        self.assertEqual(answer.stdout, f"{programs}\n^({groups})$\n{pattern}\n", answer.stderr)

    def test_takes_the_beginning_of_a_suite_for_the_suite(self):
        self.assert_selects(self.select("debug", "Order"), "order_test", "order_test", "(^|/)Order")

    def test_takes_another_word_as_a_pattern(self):
        self.assert_selects(self.select("debug", "OrderOf"), "wire_test", "wire_test", "OrderOf")

    def test_knows_tests_whose_names_take_two_lines(self):
        self.assert_selects(self.select("debug", "KeepsAn"), "order_test", "order_test", "KeepsAn")

    def test_knows_tests_of_several_values(self):
        self.assert_selects(self.select("debug", r"OfReads/Retry\.Ends/"), "retry_test", "retry_test", r"OfReads/Retry\.Ends/")

    def test_builds_nothing_for_a_command(self):
        self.assert_selects(self.select("debug", "c_array"), "", "refusals", "c_array")

    def test_takes_programs(self):
        self.assert_selects(self.select("debug", "", "wire_test", "fuzz.json"), "json_fuzz wire_test",
                            r"fuzz\.json|wire_test", "")

    def test_tells_names_that_are_near(self):
        answer = self.select("debug", "Baskt")
        self.assertEqual(answer.returncode, 1)
        self.assertIn("near it: Basket", answer.stderr)
        self.assertIn("near it: wire_test", self.select("debug", "", "wire_tst").stderr)

    def test_tells_the_presets_of_what_runs_elsewhere(self):
        answer = self.select("release", "Basket")
        self.assertEqual(answer.returncode, 3)
        self.assertIn("asan or debug", answer.stderr)


unittest.main()
