"""`course bench grading`: what grading a batch costs, against stock nbgrader and a bare fork of the same work."""
