"""What leaves the house as a document: results framework, exchange files, reports."""
