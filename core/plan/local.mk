libpure_a_SOURCES += \
	core/plan/dag.c core/plan/dag.h \
	core/plan/dag_overlap.c core/plan/dag_overlap.h \
	core/plan/dag_select.c \
	core/plan/plan.c core/plan/plan.h \
	core/plan/plan_yaml.h \
	core/plan/policy.c core/plan/policy.h \
	core/plan/policy_rule.c \
	core/plan/vars.c core/plan/vars.h
