"""What is not collected: `fuzz_guard` needs atheris, which `make fuzz` installs for itself."""

collect_ignore = ["fuzz_guard.py"]
