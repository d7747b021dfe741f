"""QUALITY: looks at anonymised conversations once more. What it finds are marks, which leave nothing out: they sort the reviewers' queue."""
