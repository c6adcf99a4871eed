# Sample plans, and the tour with its sample answers.
PLANS = plans/tour.yaml
EXTRA_DIST += $(PLANS) plans/tour-answers.jsonl
