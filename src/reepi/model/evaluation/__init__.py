"""How good a model is: figures with intervals, calibration, and the gate between two models."""
