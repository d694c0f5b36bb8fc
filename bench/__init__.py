"""The hot paths against their floors, measured in the same run: `make bench`. How to read it: docs/performance.md."""
