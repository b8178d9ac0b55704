"""One run: preflight, runner, results, known failures."""
