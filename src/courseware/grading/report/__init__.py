"""What came of a lab, for the person who runs the class: statistics, similar answers, open points, exports."""
