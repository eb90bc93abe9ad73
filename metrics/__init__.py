"""What do we measure, how is each figure computed, and which figures may be shown?"""

from metrics.model import Catalogue, Metric


def catalogue() -> Catalogue:
    """Every measure, in the order in which people should meet them."""
    from metrics import definitions

    return definitions.catalogue()


__all__ = ["Catalogue", "Metric", "catalogue"]
