"""The ledgers of people, and what they must cover."""

from sekisho.people.ledgers.access import ACCESS_APPROVAL, ACCESS_REQUESTS, SYSTEM_ROLES
from sekisho.people.ledgers.access_coverage import ACCESS_COVERAGE
from sekisho.people.ledgers.accounts import ACCOUNT_COVERAGE, ACCOUNTS
from sekisho.people.ledgers.authentication import SURVEY, SURVEY_COVERAGE
from sekisho.people.ledgers.emergency import EMERGENCY_ACCESS, EMERGENCY_COVERAGE
from sekisho.people.ledgers.resets import RESET_COVERAGE, RESETS
from sekisho.people.ledgers.trainings import TRAINING_COVERAGE, TRAININGS
from sekisho.people.ledgers.two_factors import TWO_FACTOR_COVERAGE, TWO_FACTORS

__all__ = [
    "ACCESS_APPROVAL",
    "ACCESS_COVERAGE",
    "ACCESS_REQUESTS",
    "ACCOUNTS",
    "ACCOUNT_COVERAGE",
    "EMERGENCY_ACCESS",
    "EMERGENCY_COVERAGE",
    "RESETS",
    "RESET_COVERAGE",
    "SURVEY",
    "SURVEY_COVERAGE",
    "SYSTEM_ROLES",
    "TRAININGS",
    "TRAINING_COVERAGE",
    "TWO_FACTORS",
    "TWO_FACTOR_COVERAGE",
]
