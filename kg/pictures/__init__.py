"""Pictures of answers: Vega-Lite specifications of them, and the process that draws these."""
