"""How good a retrieval is: measures of a ranking, of the passages in a prompt, and how sure a mean is."""

from courseware.corpus.measures.intervals import Interval, mean_interval, paired_interval
from courseware.corpus.measures.passages import Passage, filling, passage_precision, passage_recall, whole_share
from courseware.corpus.measures.ranking import MeasureError, ndcg_at, recall_at, reciprocal_rank

__all__ = [
    "Interval",
    "MeasureError",
    "Passage",
    "filling",
    "mean_interval",
    "ndcg_at",
    "paired_interval",
    "passage_precision",
    "passage_recall",
    "recall_at",
    "reciprocal_rank",
    "whole_share",
]
