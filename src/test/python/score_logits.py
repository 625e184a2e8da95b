"""What scikit-learn says of logits, and an expected calibration error that knows nothing of mlit's: as JSON.

python score_logits.py LOGITS.f32 LABELS.f32 CLASSES
"""

import json
import sys

import numpy as np
from sklearn import metrics

BINS = 15


def calibration_error(confidence, right):
    """Guo et al. (2017), equations 2 and 3, bin by bin: (m - 1) / M < confidence <= m / M."""
    error = 0.0
    counts = []
    for m in range(1, BINS + 1):
        chosen = (confidence > (m - 1) / BINS) & (confidence <= m / BINS)
        counts.append(int(chosen.sum()))
        if chosen.any():
            error += chosen.mean() * abs(right[chosen].mean() - confidence[chosen].mean())
    return error, counts


def main():
    classes = int(sys.argv[3])
    logits = np.fromfile(sys.argv[1], "<f4").reshape(-1, classes).astype(np.float64)
    labels = np.fromfile(sys.argv[2], "<f4").astype(int)
    shifted = logits - logits.max(axis=1, keepdims=True)
    probabilities = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    predicted = logits.argmax(axis=1)
    every = np.arange(classes)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        labels, predicted, labels=every, zero_division=0
    )
    # The names of rows are those of the classes that have images.
    macro = metrics.classification_report(
        labels, predicted, labels=np.unique(labels), output_dict=True, zero_division=0
    )["macro avg"]
    error, counts = calibration_error(probabilities.max(axis=1), predicted == labels)
    wrong = np.flatnonzero(predicted != labels)
    worst = wrong[np.argsort(-probabilities[wrong].max(axis=1), kind="stable")][:100]
    print(
        json.dumps(
            {
                "accuracy": metrics.accuracy_score(labels, predicted),
                "loss": metrics.log_loss(labels, probabilities, labels=every),
                "top_five": metrics.top_k_accuracy_score(labels, logits, k=5, labels=every) if classes > 5 else None,
                "precision": precision.tolist(),
                "recall": recall.tolist(),
                "f1": f1.tolist(),
                "support": support.tolist(),
                "macro": [macro["precision"], macro["recall"], macro["f1-score"]],
                "confusion": metrics.confusion_matrix(labels, predicted, labels=every).tolist(),
                "calibration_error": error,
                "bins": counts,
                "worst": worst.tolist(),
            }
        )
    )


if __name__ == "__main__":
    main()
