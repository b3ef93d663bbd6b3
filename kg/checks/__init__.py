"""What is wrong with the files: places, shapes, undeclared names, rules of the project."""
