"""Every write of people: links and enrolment, sign-in, roles, accounts."""
