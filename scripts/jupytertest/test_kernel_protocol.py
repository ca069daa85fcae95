"""jupyter_kernel_test with every optional feature that it can test."""

import jupyter_kernel_test


class SextantTests(jupyter_kernel_test.KernelTests):
    kernel_name = "sextant"
    language_name = "sql"
    file_extension = ".sql"

    code_hello_world = "%echo hello, world"
    code_stderr = "%echo --stderr mind the gap"
    code_page_something = "%limit?"
    code_generate_error = "SELECT * FROM no_such_table"
    code_clear_output = "%clear"
    code_inspect_sample = "list_transform"
    code_execute_result = [
        {"code": "SELECT 1 AS a", "result": "┌─────────┐\n│    a    │\n│ integer │\n├─────────┤\n│       1 │\n└─────────┘\n1 row"},
    ]
    code_display_data = [
        {"code": "%chart bar x=x y=y\nSELECT 'a' AS x, 1 AS y", "mime": "application/vnd.vegalite.v5+json"},
        {"code": "CREATE OR REPLACE TABLE displayed (a INTEGER)", "mime": "text/html"},
    ]
    completion_samples = [
        {"text": "%tim", "matches": {"%timing"}},
        {"text": "SELECT getvari", "matches": {"getvariable"}},
    ]
    complete_code_samples = ["SELECT 1;", "%tables", "SELECT 1\n\n", "-- a comment"]
    incomplete_code_samples = ["SELECT (1,", "SELECT 'abc", "SELECT 1\nFROM"]
    invalid_code_samples = ["SELECT 1);"]
    code_history_pattern = "SELECT 1 AS*"
    supported_history_operations = ("tail", "search", "range")


class WelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "sextant"
    support_iopub_welcome = True
