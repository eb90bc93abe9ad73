"""What do numbers say, and how sure are we? Tables in, annotated tables out; knows no screen and no database."""
