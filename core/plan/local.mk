libpure_a_SOURCES += \
	core/plan/dag.h \
	core/plan/plan.c core/plan/plan.h \
	core/plan/plan_yaml.h \
	core/plan/policy.h \
	core/plan/vars.c core/plan/vars.h
