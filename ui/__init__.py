"""What stands on the screen: the frame round every page, filters, blocks, and problems in plain words."""
