libpure_a_SOURCES += \
	core/base/attr.h \
	core/base/base64.c core/base/base64.h \
	core/base/buf.c core/base/buf.h \
	core/base/clock.c core/base/clock.h \
	core/base/cost.c core/base/cost.h \
	core/base/deflate.c core/base/deflate.h \
	core/base/diag.c core/base/diag.h \
	core/base/err.c core/base/err.h \
	core/base/glob.c core/base/glob.h \
	core/base/hash.c core/base/hash.h \
	core/base/json.c core/base/json.h \
	core/base/map.c core/base/map.h \
	core/base/path.c core/base/path.h \
	core/base/pool.c core/base/pool.h \
	core/base/queue.c core/base/queue.h \
	core/base/text.c core/base/text.h \
	core/base/thread.c core/base/thread.h \
	core/base/vec.c core/base/vec.h \
	core/base/xalloc.c core/base/xalloc.h \
	core/base/yaml.c core/base/yaml.h
