libio_a_SOURCES += \
	core/io/bookmarks.c core/io/bookmarks.h \
	core/io/cache.c core/io/cache.h \
	core/io/code_index.c core/io/code_index.h \
	core/io/code_index_file.c core/io/code_index_file.h \
	core/io/config.c core/io/config.h core/io/config_key.c core/io/config_load.c \
	core/io/config_table.c core/io/config_table.h \
	core/io/curl_lib.c core/io/curl_lib.h \
	core/io/datadir.c core/io/datadir.h \
	core/io/death_watch.c core/io/death_watch.h \
	core/io/fd.c core/io/fd.h \
	core/io/feed_now.c core/io/feed_now.h \
	core/io/file.c core/io/file.h core/io/file_image.c core/io/file_plain.c \
	core/io/git_lib.c core/io/git_lib.h \
	core/io/habits.c core/io/habits.h \
	core/io/http.c core/io/http.h \
	core/io/ignore.c core/io/ignore.h \
	core/io/journal.c core/io/journal.h \
	core/io/journal_feed.c core/io/journal_feed.h \
	core/io/journal_index.c core/io/journal_index.h \
	core/io/journal_read.c core/io/journal_read.h \
	core/io/journal_seek.c core/io/journal_seek.h \
	core/io/journal_skim.c core/io/journal_skim.h \
	core/io/journal_watch.c core/io/journal_watch.h \
	core/io/llm.c core/io/llm.h \
	core/io/llm_anthropic.c \
	core/io/llm_answer.c core/io/llm_answer.h \
	core/io/llm_ask.c core/io/llm_ask.h \
	core/io/llm_fault.c core/io/llm_fault.h \
	core/io/llm_peer.c core/io/llm_peer.h \
	core/io/llm_ollama.c \
	core/io/llm_openai_chat.c \
	core/io/llm_openai_responses.c \
	core/io/llm_ops.c core/io/llm_ops.h \
	core/io/llm_pace.c core/io/llm_pace.h \
	core/io/llm_recorded.c \
	core/io/llm_tokens.c \
	core/io/llm_try.c core/io/llm_try.h \
	core/io/lsp.c core/io/lsp.h core/io/lsp_server.c \
	core/io/lsp_frame.c core/io/lsp_frame.h \
	core/io/manifest.c core/io/manifest.h core/io/manifest_changes.c core/io/manifest_ignored.c \
	core/io/manifest_file.c core/io/manifest_file.h \
	core/io/notes.c core/io/notes.h \
	core/io/pack.c core/io/pack.h \
	core/io/probe.c core/io/probe.h \
	core/io/proc.c core/io/proc.h \
	core/io/proc_env.c core/io/proc_spawn.c core/io/proc_spawn.h \
	core/io/recorded.c core/io/recorded.h \
	core/io/reserve.c core/io/reserve.h \
	core/io/runs.c core/io/runs.h core/io/runs_gc.c core/io/runs_gc.h \
	core/io/shadow.c core/io/shadow.h \
	core/io/sandbox.c core/io/sandbox.h \
	core/io/sse.c core/io/sse.h \
	core/io/store.c core/io/store.h \
	core/io/store_git.c core/io/store_git.h \
	core/io/store_keys.c core/io/store_keys.h \
	core/io/store_raw.c core/io/store_raw.h \
	core/io/tape.c core/io/tape.h \
	core/io/tree_lock.c \
	core/io/tree_state.c core/io/tree_state.h \
	core/io/url.c core/io/url.h \
	core/io/vcs.c core/io/vcs.h \
	core/io/vcs_index.c core/io/vcs_index.h core/io/vcs_repo.h core/io/vcs_filter.c core/io/vcs_safety.c \
	core/io/trust.c core/io/trust.h \
	core/io/work_tree.c core/io/work_tree.h \
	core/io/walk.c core/io/walk.h \
	core/io/workspace.c core/io/workspace.h core/io/workspace_read.c
