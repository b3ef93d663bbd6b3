"""The curator's tools: documents' texts against what is curated from them."""
