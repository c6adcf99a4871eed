/* One path: there, and back again. */
#include "run/land_move.h"

#include "run/land_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int changed(const struct move *move, const char *how, struct err *err)
{
	err_set(err, ERR_CONFLICT, "'%s' %s", move->path, how);
	return err_hint(err, "your edit is kept; run the step again to work on it");
}

/* What went out by the temp's name must be the before-image, and nobody may still be writing to it. */
static int check_came_out(const struct landing *landing, const struct move *move, struct err *err)
{
	struct sight out;
	if (sight_of(landing, move->temp, &out, err) != 0)
		return -1;
	bool as_before = sight_is(&out, move->before);
	sight_release(&out);
	if (!as_before)
		return changed(move, "was changed by somebody else meanwhile", err);
	if (move_is_written(landing, move->temp))
		return changed(move, "is open for writing in another program", err);
	return 0;
}

static int enter_deletion(const struct landing *landing, struct move *move, struct err *err)
{
	int rc = names_take_aside(landing->lander->root, move->path, move->temp, err);
	if (rc != 1)
		return rc == 0 ? check_came_out(landing, move, err) : -1;
	move->untouched = true;
	return changed(move, "was removed by somebody else meanwhile", err);
}

static int enter_creation(const struct landing *landing, struct move *move, struct err *err)
{
	int rc = names_put(landing->lander->root, move->temp, move->path, err);
	if (rc != 1)
		return rc;
	move->untouched = true;
	return changed(move, "was made by somebody else meanwhile", err);
}

static int enter_change(const struct landing *landing, struct move *move, struct err *err)
{
	int rc = names_exchange(landing->lander->root, move->temp, move->path, err);
	if (rc != 1)
		return rc == 0 ? check_came_out(landing, move, err) : -1;
	move->untouched = true;
	return changed(move, "was removed by somebody else meanwhile", err);
}

int move_enter(const struct landing *landing, struct move *move, struct err *err)
{
	struct sight now;
	bool changes = move->after.kind != IMAGE_ABSENT && move->before->kind != IMAGE_ABSENT;
	if (changes) {
		if (sight_of(landing, move->path, &now, err) != 0)
			return -1;
		bool as_before = sight_is(&now, move->before);
		sight_release(&now);
		if (!as_before)
			return changed(move, "was changed by somebody else meanwhile", err);
	}
	move->untouched = false;
	if (changes)
		return enter_change(landing, move, err);
	return move->after.kind == IMAGE_ABSENT ? enter_deletion(landing, move, err) : enter_creation(landing, move, err);
}

/* ---- back ---- */

static int tell(const struct landing *landing, const struct move *move, const char *name, struct err *err)
{
	char expected[HASH_HEX_SIZE];
	char found[HASH_HEX_SIZE];
	struct sight now;
	if (sight_of(landing, name, &now, err) != 0)
		return -1;
	image_describe(&move->after, expected);
	sight_describe(&now, found);
	sight_release(&now);
	if (landing->n_conflicts)
		++*landing->n_conflicts;
	return landing_tell_conflict(landing, name, expected, found, err);
}

/* Removes a name beside the path if it holds one of our images, or the beginning of what was written there; else it is
 * somebody's, stays, and is told. */
static int drop(const struct landing *landing, const struct move *move, const char *name, const struct image *written,
                struct err *err)
{
	struct sight there;
	if (sight_of(landing, name, &there, err) != 0)
		return -1;
	bool ours = sight_has_bytes(&there, move->before) || sight_has_bytes(&there, &move->after);
	bool absent = sight_is_absent(&there);
	sight_release(&there);
	if (absent)
		return 0;
	int begun = ours ? 1 : move_is_begun(landing, name, written, err);
	if (begun < 0)
		return -1;
	return begun ? names_remove(landing->lander->root, name, err) : tell(landing, move, name, err);
}

/* Brings what a name beside the path holds back to the path, in exchange for what is there, which must be `ours`. When it
 * is not, it changed just now: it goes back too, and is told. */
static int exchange_back(const struct landing *landing, const struct move *move, const char *name,
                         const struct image *ours, struct err *err)
{
	struct sight out;
	int rc = names_exchange(landing->lander->root, name, move->path, err);
	if (rc != 0)
		return rc < 0 ? -1 : tell(landing, move, move->path, err);
	if (sight_of(landing, name, &out, err) != 0)
		return -1;
	bool as_ours = sight_is(&out, ours) && !move_is_written(landing, name);
	sight_release(&out);
	if (as_ours)
		return names_remove(landing->lander->root, name, err);
	rc = names_exchange(landing->lander->root, name, move->path, err);
	if (rc < 0 || drop(landing, move, name, ours, err) != 0)
		return -1;
	return tell(landing, move, move->path, err);
}

/* Takes the after-image of a creation away. */
static int remove_created(const struct landing *landing, const struct move *move, struct err *err)
{
	struct sight out;
	int rc = names_take_aside(landing->lander->root, move->path, move->temp, err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (sight_of(landing, move->temp, &out, err) != 0)
		return -1;
	bool as_ours = sight_is(&out, &move->after) && !move_is_written(landing, move->temp);
	sight_release(&out);
	if (as_ours)
		return names_remove(landing->lander->root, move->temp, err);
	rc = names_put(landing->lander->root, move->temp, move->path, err);
	return rc < 0 ? -1 : tell(landing, move, rc == 0 ? move->path : move->temp, err);
}

/* The folders that hold the path. 1 when somebody put something else in the place of one: told. */
static int make_room(const struct landing *landing, const struct move *move, const char *keeper, struct err *err)
{
	struct err why = { 0 };
	int rc = names_make_folders(landing->lander->root, move->path, true, &why);
	if (rc == 0)
		return 0;
	if (why.code == ERR_NOT_FOUND) /* ENOTDIR */
		return tell(landing, move, keeper, err) == 0 ? 1 : -1;
	if (err)
		*err = why;
	return -1;
}

/* Writes the before-image anew: what went out by the temp's name is no longer there. */
static int restore(const struct landing *landing, const struct move *move, struct err *err)
{
	const struct root *root = landing->lander->root;
	int room = make_room(landing, move, move->path, err);
	if (room != 0)
		return room < 0 ? -1 : 0;
	if (names_make_folders(root, move->back, true, err) != 0 ||
	    move_write(landing, move, move->back, move->before, err) != 0 ||
	    move_sync(landing, move->back, move->before, err) != 0)
		return -1;
	if (move->after.kind != IMAGE_ABSENT)
		return exchange_back(landing, move, move->back, &move->after, err);
	int rc = names_put(root, move->back, move->path, err);
	if (rc <= 0)
		return rc;
	return names_remove(root, move->back, err) != 0 ? -1 : tell(landing, move, move->path, err);
}

/* The path holds the after-image of a creation or a change. */
static int undo_present(const struct landing *landing, const struct move *move, const struct sight *temp,
                        struct err *err)
{
	if (move->before->kind == IMAGE_ABSENT) {
		if (drop(landing, move, move->temp, &move->after, err) != 0)
			return -1;
		return remove_created(landing, move, err);
	}
	if (sight_is_absent(temp))
		return restore(landing, move, err);
	if (exchange_back(landing, move, move->temp, &move->after, err) != 0)
		return -1;
	if (sight_is(temp, move->before))
		return 0;
	return tell(landing, move, move->path, err); /* somebody's edit, caught in the exchange */
}

/* The path is absent, as a deletion leaves it. */
static int undo_deletion(const struct landing *landing, const struct move *move, const struct sight *temp,
                         struct err *err)
{
	if (sight_is_absent(temp))
		return restore(landing, move, err);
	bool as_before = sight_is(temp, move->before);
	int room = make_room(landing, move, move->temp, err);
	if (room != 0)
		return room < 0 ? -1 : 0;
	int rc = names_put(landing->lander->root, move->temp, move->path, err);
	if (rc < 0 || (rc == 0 && as_before))
		return rc;
	return tell(landing, move, rc == 0 ? move->path : move->temp, err);
}

/* Ends what an earlier putting back was in the middle of: the path has the before-image by then, or not yet. */
static int settle_back(const struct landing *landing, const struct move *move, struct err *err)
{
	struct sight back;
	struct sight now;
	if (sight_of(landing, move->back, &back, err) != 0)
		return -1;
	if (sight_is_absent(&back))
		return 0;
	int rc = sight_of(landing, move->path, &now, err);
	if (rc == 0 && sight_is(&now, move->before) && move->before->kind != IMAGE_ABSENT &&
	    !sight_has_bytes(&back, &move->after) && !sight_has_bytes(&back, move->before)) {
		int begun = move_is_begun(landing, move->back, move->before, err);
		rc = begun < 0 ? -1 : 0;
		if (begun == 0) /* somebody's edit, caught in the exchange */
			rc = exchange_back(landing, move, move->back, move->before, err);
	}
	if (rc == 0)
		rc = drop(landing, move, move->back, move->before, err);
	sight_release(&now);
	sight_release(&back);
	return rc;
}

/* Ends exchanges that were made of links. */
static int settle_links(const struct landing *landing, const struct move *move, const char *name, struct err *err)
{
	int rc = names_settle(landing->lander->root, name, move->path, err);
	if (rc != 1)
		return rc;
	char *old = NULL;
	if (asprintf(&old, "%s.old", name) < 0)
		return err_set(err, ERR_INTERNAL, "out of memory");
	rc = drop(landing, move, old, move->before, err);
	free(old);
	return rc;
}

int move_put_back(const struct landing *landing, const struct move *move, struct err *err)
{
	struct sight now = { 0 };
	struct sight temp = { 0 };
	if (settle_links(landing, move, move->back, err) != 0 ||
	    settle_links(landing, move, move->temp, err) != 0 ||
	    settle_back(landing, move, err) != 0)
		return -1;
	int rc = sight_of_path(landing, move, &now, err);
	if (rc == 0)
		rc = sight_of(landing, move->temp, &temp, err);
	if (rc != 0)
		goto out;
	if (sight_is(&now, move->before)) {
		rc = drop(landing, move, move->temp, &move->after, err);
	} else if (move->untouched || !sight_is(&now, &move->after)) {
		rc = tell(landing, move, move->path, err);
		if (rc == 0)
			rc = drop(landing, move, move->temp, &move->after, err);
	} else if (move->after.kind == IMAGE_ABSENT) {
		rc = undo_deletion(landing, move, &temp, err);
	} else {
		rc = undo_present(landing, move, &temp, err);
	}
	if (rc == 0 && move->folder && move->after.kind != IMAGE_ABSENT && move->before->kind == IMAGE_ABSENT)
		rc = names_remove_folders(landing->lander->root, move->path, move->folder, err);
out:
	sight_release(&now);
	sight_release(&temp);
	return rc;
}

int move_clean(const struct landing *landing, const struct move *move, struct err *err)
{
	const struct root *root = landing->lander->root;
	if (drop(landing, move, move->temp, move->before, err) != 0)
		return -1;
	if (move->folder && move->after.kind == IMAGE_ABSENT)
		return names_remove_folders(root, move->path, move->folder, err);
	return 0;
}
