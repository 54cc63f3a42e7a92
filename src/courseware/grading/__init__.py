"""The instructor's week: release a lab, take submissions in, hand feedback back."""
