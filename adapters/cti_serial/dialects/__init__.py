"""One dialect a file; `adapters/cti_serial/README.md` lists them."""
