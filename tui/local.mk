bin_PROGRAMS += belay
belay_SOURCES = tui/main.c tui/verb.h \
	tui/verb_apply.c tui/verb_check.c tui/verb_common.c tui/verb_completion.c tui/verb_completion.h tui/verb_completion_sh.c tui/verb_config.c tui/verb_doctor.c tui/verb_export.c tui/verb_note.c tui/verb_page.c \
	tui/verb_front.c tui/verb_front.h tui/verb_gc.c tui/verb_init.c tui/verb_keys.c tui/verb_list.h tui/verb_log.c tui/verb_plan.c tui/verb_replay.c \
	tui/verb_report.c tui/verb_resume.c tui/verb_run.c tui/verb_runs.c tui/verb_schema.c \
	tui/verb_session.c tui/verb_session.h tui/verb_context.c tui/verb_context.h tui/verb_draft.c tui/verb_new.c tui/verb_tree.c tui/verb_tree.h tui/verb_show.c tui/verb_start.c tui/verb_start.h \
	tui/verb_stats.c tui/verb_stats.h tui/verb_take.c tui/verb_trust.c tui/verb_trust.h tui/verb_undo.c tui/verb_verify.c
belay_SOURCES += tui/verb_log_form.c
belay_CFLAGS = $(AM_CFLAGS) $(TUI_CFLAGS)
belay_LDADD = libtui.a $(RUN_LDADD) $(UI_LIBS) $(TUI_LIBS)
libtui_a_SOURCES += \
	tui/cast.c tui/cast.h \
	tui/cli.c tui/cli.h \
	tui/complete.c tui/complete.h \
	tui/findings.c tui/findings.h \
	tui/front.c tui/front.h \
	tui/json_lines.c tui/json_lines.h \
	tui/journal_rows.c tui/journal_rows.h \
	tui/json_out.c tui/json_out.h \
	tui/notify.c tui/notify.h \
	tui/plain.c tui/plain.h \
	tui/plain_lines.c tui/plain_lines.h \
	tui/stats_text.c tui/stats_text.h

# The UI but for the terminal itself: pure, tests link it without ncurses.
libtui_a_SOURCES += \
	tui/canvas.c tui/canvas.h \
	tui/cmdline.c tui/cmdline.h \
	tui/dialog_ask.c tui/dialog_ask.h \
	tui/dialog_confirm.c tui/dialog_confirm.h \
	tui/diff_rows.c tui/diff_rows.h \
	tui/diff_view.c tui/diff_view.h \
	tui/key.c tui/key.h \
	tui/key_script.c tui/key_script.h \
	tui/keymap.c tui/keymap.h \
	tui/layout.c tui/layout.h \
	tui/line_edit.c tui/line_edit.h \
	tui/list.c tui/list.h \
	tui/markdown.c tui/markdown.h \
	tui/pane.h \
	tui/pane_diff.c \
	tui/pane_events.c \
	tui/pane_help.c tui/pane_help.h \
	tui/pane_marks.c \
	tui/pane_plan.c \
	tui/pane_review.c tui/pane_review.h tui/pane_review_impl.h tui/pane_review_draw.c tui/pane_review_rows.c \
	tui/pane_run.c \
	tui/pane_state.c \
	tui/pane_stream.c \
	tui/pane_workers.c \
	tui/plan_tree.c tui/plan_tree.h \
	tui/replay_bar.c tui/replay_bar.h \
	tui/review.c tui/review.h tui/review_disk.c tui/review_text.c \
	tui/statusbar.c tui/statusbar.h \
	tui/style.c tui/style.h \
	tui/summary.c tui/summary.h \
	tui/text_view.c tui/text_view.h \
	tui/transcript.c tui/transcript.h tui/transcript_impl.h \
	tui/tree_state.c tui/tree_state.h \
	tui/transcript_event.c tui/transcript_prose.c \
	tui/ui.c tui/ui.h tui/ui_impl.h \
	tui/ui_action.c \
	tui/ui_draw.c \
	tui/ui_replay.c \
	tui/ui_review.c \
	tui/ui_run.c \
	tui/ui_cmdline.c \
	tui/ui_why.c \
	tui/view.c \
	tui/words.c tui/words.h
if TUI
libtui_a_SOURCES += \
	tui/app.c tui/app.h \
	tui/editor.c tui/editor.h \
	tui/input.c tui/input.h \
	tui/screen.c tui/screen.h \
	tui/ui_guard.c tui/ui_guard.h
endif
