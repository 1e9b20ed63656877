"""Every benchmark, as ratios in one run on one thread: ``python benchmarks/run.py``; ``--quick`` takes fewer rows."""

import argparse

import classifier
import classifier_robustness
import families
import information
import l1_path
import memory
import pairs
import robustness
import samples
import scale

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--quick", action="store_true", help="fewer rows")
quick = parser.parse_args().quick
for part in (families, scale, classifier, l1_path, memory, information, pairs, samples, classifier_robustness):
    part.main(quick)
    print()
robustness.main(quick=quick)
