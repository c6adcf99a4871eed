# Sample plans, and the tour with its sample answers.
PLANS = plans/tour.yaml plans/audit.yaml plans/generate-tests.yaml plans/licence-header.yaml plans/migrate-api.yaml \
	plans/new-module.yaml plans/raise-warnings.yaml plans/release-notes.yaml plans/rename-symbol.yaml \
	plans/split-module.yaml plans/tidy-includes.yaml
EXTRA_DIST += $(PLANS) plans/tour-answers.jsonl
