"""The ledgers of people, and what they must cover."""

from sekisho.people.ledgers.accounts import ACCOUNT_COVERAGE, ACCOUNTS
from sekisho.people.ledgers.authentication import SURVEY, SURVEY_COVERAGE
from sekisho.people.ledgers.emergency import EMERGENCY_ACCESS, EMERGENCY_COVERAGE
from sekisho.people.ledgers.resets import RESET_COVERAGE, RESETS
from sekisho.people.ledgers.trainings import TRAINING_COVERAGE, TRAININGS
from sekisho.people.ledgers.two_factors import TWO_FACTOR_COVERAGE, TWO_FACTORS

__all__ = [
    "ACCOUNTS",
    "ACCOUNT_COVERAGE",
    "EMERGENCY_ACCESS",
    "EMERGENCY_COVERAGE",
    "RESETS",
    "RESET_COVERAGE",
    "SURVEY",
    "SURVEY_COVERAGE",
    "TRAININGS",
    "TRAINING_COVERAGE",
    "TWO_FACTORS",
    "TWO_FACTOR_COVERAGE",
]
