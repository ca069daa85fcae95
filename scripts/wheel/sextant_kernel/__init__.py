"""The Sextant SQL kernel: a program and its kernelspec, put where Jupyter finds them by pip."""
