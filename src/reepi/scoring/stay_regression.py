"""How much longer or shorter one cohort's stays are than another's, at equal severity."""

from math import exp
from typing import Final

import numpy as np

from reepi.scoring.skin import Floats
from reepi.scoring.statistic import TAIL, Statistic

LEAST_COMPLETE: Final = 20
"""Patients that the regression needs: four for each of its five coefficients, below which HC3 is of no use."""

LEAST_OF_GROUP: Final = 5
"""Patients that each cohort needs, so that no single patient is the difference."""

REGRESSION: Final = (
    "least squares of log stay on cohort, max_open_bsa, onset_to_admission_days and scorten; 95 % interval: Student's "
    "t with HC3 variance (MacKinnon & White, J Econom 1985;29:305-325)"
)


def stay_ratio(stays: Floats, of_trial: Floats, covariates: Floats) -> Statistic:
    """Return the ratio of geometric mean stays of the trial to those of the other cohort, at equal covariates.

    Parameters
    ----------
    stays : (P,)
        Above 0 [days].
    of_trial : (P,)
        1 for patients of the trial, 0 for those of the other cohort.
    covariates : (P, C)
        Known of every patient.
    """
    complete, trial = len(stays), int(of_trial.sum())
    if complete < LEAST_COMPLETE or min(trial, complete - trial) < LEAST_OF_GROUP:
        needed = f"{LEAST_COMPLETE} in all and {LEAST_OF_GROUP} of each cohort are needed"
        return Statistic(None, remark=f"{trial} and {complete - trial} patients have all values, {needed}")
    design = np.column_stack([np.ones(complete), of_trial, covariates])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return Statistic(None, remark="cohort and covariates cannot be told apart in these patients")
    from statsmodels.regression.linear_model import OLS  # Takes a second to load.

    with np.errstate(all="ignore"):
        found = OLS(np.log(stays), design).fit(cov_type="HC3", use_t=True)
        low, high = (float(end) for end in found.conf_int(alpha=2 * TAIL)[1])
    if not np.isfinite([low, high]).all():
        return Statistic(exp(float(found.params[1])), remark="no interval: one patient alone decides a coefficient")
    return Statistic(exp(float(found.params[1])), exp(low), exp(high))
