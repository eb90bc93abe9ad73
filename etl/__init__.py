"""How do files become tables? Reading, mapping, checking, modelling and publishing."""
