libpure_a_SOURCES += \
	core/plan/dag.c core/plan/dag.h \
	core/plan/dag_beside.c core/plan/dag_overlap.c core/plan/dag_overlap.h \
	core/plan/dag_select.c \
	core/plan/each.c core/plan/each.h \
	core/plan/plan.c core/plan/plan.h \
	core/plan/plan_include.c \
	core/plan/plan_loader.h \
	core/plan/plan_needs.c \
	core/plan/plan_object.c \
	core/plan/plan_path.c \
	core/plan/plan_plain.c \
	core/plan/plan_rules.c \
	core/plan/plan_step.c \
	core/plan/plan_tree.c \
	core/plan/plan_value.c \
	core/plan/plan_vars.c \
	core/plan/plan_yaml.c core/plan/plan_yaml.h \
	core/plan/policy.c core/plan/policy.h \
	core/plan/policy_rule.c \
	core/plan/schema.c core/plan/schema.h \
	core/plan/schema_json.c core/plan/schema_json.h \
	core/plan/slash.c core/plan/slash.h \
	core/plan/vars.c core/plan/vars.h
