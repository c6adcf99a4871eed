#!/usr/bin/env python3
"""Cuts the power at every moment of a landing, an undo and a redo, and proves each fsync.

The calls that change files are recorded with strace(1) while crash_land carries out an action in a world of its own,
and replayed on a model of a disk on which only what was synced is sure: bytes and modes of a file by fsync of the file,
names by fsync of the folder. A rename is one change, in one folder or two. After each call every unsynced change may
have reached the disk or not; the disks that are built: nothing of it, all of it, names without bytes, bytes without
names, all but one change, one change alone, and a few by chance (from a fixed seed). From each disk belay recovers:
the tree must be wholly old or wholly new, a second recovery changes nothing; once the action has returned it must be
new; and what has landed can be undone.

Then each fsync is taken out of the record in turn, and at least one of these disks must fail: a sync that nothing
needs is reported.

Bounded: one landing, fewer disks, and the last few syncs alone.

usage: power_loss.py CRASH_LAND [--bounded] [--only ACTION SHAPE]
"""
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

CALLS = ("getppid,open,openat,openat2,creat,close,dup,dup2,dup3,fcntl,read,pread64,write,pwrite64,writev,lseek,fsync,"
         "fdatasync,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,symlink,symlinkat,chmod,"
         "fchmod,fchmodat,ftruncate,truncate,fallocate,copy_file_range,sendfile")
SHAPES = ["basic", "special", "turned", "many"]
PENDING_MAX = 12  # unsynced changes that are dropped, or kept, one by one
BY_CHANCE = 3
BOUNDED_SYNCS = 6  # the last ones are proven in the bounded selection


class Inode:
    def __init__(self, kind, mode=0o644, target=None):
        self.kind, self.mode, self.target = kind, mode, target
        self.id = None


class Change:
    """One change of an inode's bytes or mode, or of names in folders."""

    def __init__(self, kind, inode=None, data=None, names=None):
        self.kind, self.inode, self.data, self.names = kind, inode, data, names


class Record:
    """What happened, in order: changes, syncs of an inode, and the marks of the action."""

    def __init__(self, root):
        self.root = os.fsencode(root)
        self.inodes = []
        self.start = self.take(self.root)
        self.now = {}  # folder -> {name: inode}
        self.live(self.start)
        self.log = []
        self.fds = {}
        self.marks = []

    def new(self, kind, mode=0o644, target=None):
        inode = Inode(kind, mode, target)
        inode.id = len(self.inodes)
        inode.entries, inode.data = {}, b""
        self.inodes.append(inode)
        return inode

    def take(self, path):
        st = os.lstat(path)
        if os.path.islink(path):
            return self.new("l", 0, os.readlink(path))
        if os.path.isdir(path):
            inode = self.new("d", st.st_mode & 0o7777)
            for name in sorted(os.listdir(path)):
                inode.entries[name] = self.take(os.path.join(path, name))
            return inode
        inode = self.new("f", st.st_mode & 0o7777)
        with open(path, "rb") as file:
            inode.data = file.read()
        return inode

    def live(self, inode):
        if inode.kind == "d":
            self.now[inode] = dict(inode.entries)
            for child in inode.entries.values():
                self.live(child)

    def parts(self, path):
        path = os.path.normpath(path)
        if path == self.root:
            return []
        if not path.startswith(self.root + b"/"):
            return None
        return path[len(self.root) + 1:].split(b"/")

    def find(self, path):
        parts = self.parts(path)
        inode = self.start if parts is not None else None
        for part in parts or []:
            inode = self.now[inode].get(part) if inode and inode.kind == "d" else None
        return inode

    def place(self, path):
        parts = self.parts(path)
        if not parts:
            return None, None
        return self.find(os.path.dirname(os.path.normpath(path))), parts[-1]

    def rename_entries(self, *names):
        self.log.append(Change("names", names=list(names)))
        for folder, name, inode in names:
            if inode is None:
                self.now[folder].pop(name, None)
            else:
                self.now[folder][name] = inode
            if inode is not None and inode.kind == "d":
                self.now.setdefault(inode, {})


# ---- reading the trace ----

STRING = re.compile(rb'"((?:\\x[0-9a-f]{2})*)"')


def unhex(text):
    return bytes.fromhex(text.decode().replace("\\x", ""))


def split(text):
    out, depth, quoted, at = [], 0, False, 0
    for i, c in enumerate(text):
        c = chr(c)
        if c == '"':
            quoted = not quoted
        elif not quoted and c in "{[<":
            depth += 1
        elif not quoted and c in "}]>":
            depth -= 1
        elif not quoted and c == "," and depth == 0:
            out.append(text[at:i].strip())
            at = i + 1
    out.append(text[at:].strip())
    return out


def fd_of(arg):
    number = arg.split(b"<")[0]
    return int(number) if number.lstrip(b"-").isdigit() else None


def dir_of(arg):
    at = arg.find(b"<")
    text = arg[at + 1:-1] if at >= 0 else b""
    return unhex(text) if text.startswith(b"\\x") else text


def path_of(arg, base=b""):
    got = STRING.match(arg)
    path = unhex(got.group(1))
    return path if path.startswith(b"/") else os.path.join(base, path)


class Reader:
    def __init__(self, record):
        self.r = record

    def line(self, line):
        got = re.match(rb"^([a-z0-9_]+)\((.*)\) += (-?\d+|0x[0-9a-f]+)", line)
        if not got:
            return
        name, args, result = got.group(1).decode(), split(got.group(2)), got.group(3)
        result = int(result, 0)
        if name == "getppid":
            self.r.marks.append(len(self.r.log))
        elif result >= 0:
            handler = getattr(self, "on_" + name, None)
            if handler:
                handler(args, result)

    # opening

    def opened(self, path, flags, mode, fd):
        inode = self.r.find(path)
        if inode is None:
            folder, name = self.r.place(path)
            if folder is None or b"O_CREAT" not in flags:
                return
            inode = self.r.new("f", mode & ~0o022)
            self.r.rename_entries((folder, name, inode))
        elif b"O_TRUNC" in flags and inode.kind == "f":
            self.r.log.append(Change("cut", inode, 0))
        self.r.fds[fd] = [inode, 0, b"O_APPEND" in flags]

    def on_open(self, a, fd):
        self.opened(path_of(a[0], os.fsencode(os.getcwd())), a[1], int(a[2], 8) if len(a) > 2 else 0, fd)

    def on_creat(self, a, fd):
        self.opened(path_of(a[0], os.fsencode(os.getcwd())), b"O_CREAT|O_TRUNC", int(a[1], 8), fd)

    def on_openat(self, a, fd):
        self.opened(path_of(a[1], dir_of(a[0])), a[2], int(a[3], 8) if len(a) > 3 else 0, fd)

    def on_openat2(self, a, fd):
        mode = re.search(rb"mode=0?([0-7]+)", a[2])
        self.opened(path_of(a[1], dir_of(a[0])), a[2], int(mode.group(1), 8) if mode else 0, fd)

    def on_close(self, a, _):
        self.r.fds.pop(fd_of(a[0]), None)

    def on_dup(self, a, fd):
        if fd_of(a[0]) in self.r.fds:
            self.r.fds[fd] = self.r.fds[fd_of(a[0])]

    on_dup2 = on_dup3 = on_dup

    def on_fcntl(self, a, fd):
        if a[1].startswith(b"F_DUPFD"):
            self.on_dup(a, fd)

    # bytes

    def written(self, entry, at, data):
        if entry:
            self.r.log.append(Change("bytes", entry[0], (at, data)))

    def size(self, inode):
        size = len(inode.data)
        for change in self.r.log:
            if change.kind == "bytes" and change.inode is inode:
                size = max(size, change.data[0] + len(change.data[1]))
            elif change.kind == "cut" and change.inode is inode:
                size = change.data
        return size

    def on_write(self, a, n):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            if entry[2]:
                entry[1] = self.size(entry[0])
            self.written(entry, entry[1], unhex(STRING.match(a[1]).group(1))[:n])
            entry[1] += n

    def on_pwrite64(self, a, n):
        self.written(self.r.fds.get(fd_of(a[0])), int(a[3], 0), unhex(STRING.match(a[1]).group(1))[:n])

    def on_writev(self, a, n):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            data = b"".join(unhex(part) for part in re.findall(rb'iov_base="((?:\\x[0-9a-f]{2})*)"', a[1]))
            if entry[2]:
                entry[1] = self.size(entry[0])
            self.written(entry, entry[1], data[:n])
            entry[1] += n

    def on_read(self, a, n):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            entry[1] += n

    def on_lseek(self, a, at):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            entry[1] = at

    def on_ftruncate(self, a, _):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            self.r.log.append(Change("cut", entry[0], int(a[1], 0)))

    def refuse(self, a, _):
        if any(fd_of(arg) in self.r.fds for arg in a):
            sys.exit("power_loss: a call that the model does not know: %r" % a)

    on_copy_file_range = on_sendfile = on_fallocate = refuse

    # modes

    def on_fchmod(self, a, _):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            self.r.log.append(Change("mode", entry[0], int(a[1], 8)))

    def on_fchmodat(self, a, _):
        inode = self.r.find(path_of(a[1], dir_of(a[0])))
        if inode:
            self.r.log.append(Change("mode", inode, int(a[2], 8)))

    # names

    def on_mkdirat(self, a, _, base=None):
        folder, name = self.r.place(path_of(a[1], dir_of(a[0]) if base is None else base))
        if folder is not None:
            self.r.rename_entries((folder, name, self.r.new("d", int(a[2], 8) & ~0o022)))

    def on_mkdir(self, a, result):
        self.on_mkdirat([b""] + a, result, os.fsencode(os.getcwd()))

    def on_symlinkat(self, a, _):
        folder, name = self.r.place(path_of(a[2], dir_of(a[1])))
        if folder is not None:
            self.r.rename_entries((folder, name, self.r.new("l", 0, path_of(a[0]) if a[0] != b'""' else b"")))

    def gone(self, path):
        folder, name = self.r.place(path)
        if folder is not None:
            self.r.rename_entries((folder, name, None))

    def on_unlinkat(self, a, _):
        self.gone(path_of(a[1], dir_of(a[0])))

    def on_unlink(self, a, _):
        self.gone(path_of(a[0], os.fsencode(os.getcwd())))

    on_rmdir = on_unlink

    def moved(self, old, new, flags=b""):
        inode = self.r.find(old)
        (from_dir, from_name), (to_dir, to_name) = self.r.place(old), self.r.place(new)
        if from_dir is None or to_dir is None:
            return
        other = self.r.find(new) if b"EXCHANGE" in flags else None
        self.r.rename_entries((from_dir, from_name, other), (to_dir, to_name, inode))

    def on_rename(self, a, _):
        here = os.fsencode(os.getcwd())
        self.moved(path_of(a[0], here), path_of(a[1], here))

    def on_renameat(self, a, _):
        self.moved(path_of(a[1], dir_of(a[0])), path_of(a[3], dir_of(a[2])))

    def on_renameat2(self, a, _):
        self.moved(path_of(a[1], dir_of(a[0])), path_of(a[3], dir_of(a[2])), a[4])

    def on_linkat(self, a, _):
        inode = self.r.find(path_of(a[1], dir_of(a[0])))
        folder, name = self.r.place(path_of(a[3], dir_of(a[2])))
        if inode is not None and folder is not None:
            self.r.rename_entries((folder, name, inode))

    # syncs

    def on_fsync(self, a, _):
        entry = self.r.fds.get(fd_of(a[0]))
        if entry:
            self.r.log.append(Change("sync", entry[0]))

    on_fdatasync = on_fsync


# ---- the disk after a power cut ----

def is_synced_by(change, inode):
    if change.kind == "names":
        return any(folder is inode for folder, _, _ in change.names)
    return change.inode is inode


def pending_at(log, end, without):
    """Indices of the changes before `end` that no sync covers; `without`: the sync that is taken out."""
    pending = []
    for i in range(end):
        if log[i].kind == "sync":
            if i != without:
                pending = [p for p in pending if not is_synced_by(log[p], log[i].inode)]
        else:
            pending.append(i)
    return pending


def disk(record, end, dropped):
    """Content of every inode and names of every folder when all changes before `end` but `dropped` are on the disk."""
    data, mode, names = {}, {}, {}
    for i in range(end):
        change = record.log[i]
        if change.kind == "sync" or i in dropped:
            continue
        if change.kind == "bytes":
            at, new = change.data
            old = data.get(change.inode, change.inode.data)
            old = old + b"\0" * (at - len(old))
            data[change.inode] = old[:at] + new + old[at + len(new):]
        elif change.kind == "cut":
            old = data.get(change.inode, change.inode.data)
            data[change.inode] = old[:change.data] + b"\0" * (change.data - len(old))
        elif change.kind == "mode":
            mode[change.inode] = change.data
        else:
            for folder, name, inode in change.names:
                entries = names.setdefault(folder, dict(folder.entries))
                if inode is None:
                    entries.pop(name, None)
                else:
                    entries[name] = inode
    return data, mode, names


def flatten(record, state):
    """The disk as a list of (path, kind, mode, content), folders first."""
    data, mode, names = state
    out = []

    def go(inode, path, depth):
        if depth > 40:
            return
        m = mode.get(inode, inode.mode)
        if inode.kind == "d":
            out.append((path, "d", m, b""))
            for name, child in sorted(names.get(inode, inode.entries).items()):
                go(child, os.path.join(path, name), depth + 1)
        elif inode.kind == "l":
            out.append((path, "l", 0, inode.target))
        else:
            out.append((path, "f", m, data.get(inode, inode.data)))

    go(record.start, b"", 0)
    return out


def build(items, root):
    for path, kind, mode, content in items:
        where = os.path.join(os.fsencode(root), path) if path else os.fsencode(root)
        if kind == "d":
            os.makedirs(where, exist_ok=True)
        elif kind == "l":
            os.symlink(content, where)
        else:
            fd = os.open(where, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(fd, content)
            os.fchmod(fd, mode)
            os.close(fd)


# ---- judging ----

class Judge:
    def __init__(self, program, shape, plain):
        self.program, self.shape, self.plain = program, str(shape), plain
        self.seen = {}
        self.n_built = 0

    def drive(self, action, root):
        got = subprocess.run([self.program, "--drive", action, root, self.shape, self.plain], capture_output=True,
                             check=False)
        return got.returncode, got.stderr.decode(errors="replace").strip()

    @staticmethod
    def tree(root):
        out = []
        top = os.path.join(os.fsencode(root), b"tree")
        for folder, folders, files in os.walk(top):
            for name in folders + files:
                path = os.path.join(folder, name)
                st = os.lstat(path)
                if os.path.islink(path):
                    what = b"link " + os.readlink(path)
                elif os.path.isdir(path):
                    what = b"folder"
                else:
                    with open(path, "rb") as file:
                        what = b"%o " % (st.st_mode & 0o7777) + file.read()
                out.append((path[len(top):], what))
        return sorted(out)

    @staticmethod
    def is_repository(path):
        got = subprocess.run(["git", "--git-dir", path, "config", "core.bare"], capture_output=True, check=False)
        inside = subprocess.run(["git", "--git-dir", path, "rev-parse", "--git-dir"], capture_output=True, check=False)
        return got.stdout == b"true\n" and inside.returncode == 0

    def ask(self, items, before, after, done, over, undoes):
        """None, or what is wrong with a recovery from this disk."""
        key = (hashlib.sha256(repr(items).encode()).digest(), done, over)
        if key not in self.seen:
            self.seen[key] = self.recover(items, before, after, done, over, undoes)
        return self.seen[key]

    def recover(self, items, before, after, done, over, undoes):
        self.n_built += 1
        root = tempfile.mkdtemp(prefix="belay-power.")
        try:
            build(items, root)
            if over and self.tree(root) != after:
                return "it has returned, and something is left over"
            code, why = self.drive("recover", root)
            tree = self.tree(root)
            if code != 0:
                return "recovery ends with %d: %s" % (code, why)
            if tree not in (before, after):
                return "neither old nor new: %r" % sorted(set(tree) ^ set(before if not done else after))[:4]
            if done and tree != after:
                return "it had said that it is done, and is not"
            code, why = self.drive("recover", root)
            if code != 0 or self.tree(root) != tree:
                return "a second recovery changes something"
            if undoes is None and done and b"noted" not in open(root + "/state/journal.jsonl", "rb").read():
                return "what was journaled is gone"
            store = root + "/state/store.git"
            if os.path.exists(store) and not self.is_repository(store):
                return "git cannot read the store"
            if tree == after and undoes:
                code, why = self.drive(undoes, root)
                if code != 0 or self.tree(root) != before:
                    return "'%s' afterwards does not give what was before: %s" % (undoes, why)
            return None
        finally:
            shutil.rmtree(root, ignore_errors=True)


def drops(record, pending, end, bounded):
    """Sets of unsynced changes that have not reached the disk."""
    everything = frozenset(pending)
    yield everything
    yield frozenset()
    names = frozenset(p for p in pending if record.log[p].kind == "names")
    yield everything - names
    yield names
    if bounded:
        return
    last = pending[-PENDING_MAX:]
    for p in last:
        yield frozenset([p])
        yield everything - {p}
    chance = random.Random(end * 1000003 + len(pending))
    for _ in range(BY_CHANCE):
        yield frozenset(p for p in pending if chance.random() < 0.5)


def check(record, judge, world, ends, without=None, first_only=False):
    before, after, done_at, undoes, bounded = world
    failures = []
    for end in ends:
        pending = pending_at(record.log, end, without)
        for dropped in set(drops(record, pending, end, bounded)):
            items = flatten(record, disk(record, end, dropped))
            why = judge.ask(items, before, after, end >= done_at, end == len(record.log), undoes)
            if why:
                failures.append((end, sorted(dropped), why))
                if first_only:
                    return failures
    return failures


def name_of(record, inode):
    for folder in record.now:
        for name, child in record.now[folder].items():
            if child is inode:
                return os.fsdecode(name)
    return "a file that is gone"


def is_excused(record, sync, action):
    """The sync of the journal's folder is proven by "note". The pack of an undo holds only a commit of images that the
    store has already: nothing rests on it, and the same code is proven by "land"."""
    made = record.log[:sync]
    if len(made) == 1 and made[0].kind == "names" and made[0].names[0][1] == b"journal.jsonl":
        return True
    return action != "land" and name_of(record, record.log[sync].inode).startswith("pack")


def make(program, action, shape, root, plain):
    subprocess.run([program, "--make", root, str(shape)], check=True)
    for earlier in ["land", "undo", "redo"]:
        if action in (earlier, "note"):
            break
        subprocess.run([program, "--drive", earlier, root, str(shape), plain], check=True, capture_output=True)


def run(program, action, shape, bounded):
    root = tempfile.mkdtemp(prefix="belay-power.")
    plain = "flags"
    try:
        make(program, action, shape, root, plain)
        record = Record(root)
        before = Judge.tree(root)
        trace = root + ".trace"
        subprocess.run(["strace", "-qqq", "-xx", "-y", "-s", "1000000", "-o", trace, "-e", "trace=" + CALLS, program,
                        "--drive", action, root, str(shape), plain], check=True, capture_output=True)
        reader = Reader(record)
        with open(trace, "rb") as file:
            for line in file:
                reader.line(line)
        os.unlink(trace)
        after = Judge.tree(root)
        copy = Record(root)
        want = flatten(copy, disk(copy, 0, frozenset()))
        if flatten(record, disk(record, len(record.log), frozenset())) != want:
            sys.exit("power_loss: the record of '%s' does not lead to the disk that is there" % action)
        return judge_all(program, record, (action, shape), (before, after), bounded)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def judge_all(program, record, what, trees, bounded):
    action, shape = what
    judge = Judge(program, shape, "flags")
    undoes = {"land": "undo", "undo": "redo", "redo": "undo", "note": None}[action]
    done_at = record.marks[1] if len(record.marks) > 1 else len(record.log)
    world = (trees[0], trees[1], done_at, undoes, bounded)
    ends = range(record.marks[0], len(record.log) + 1)
    failures = check(record, judge, world, ends)
    syncs = [i for i, change in enumerate(record.log) if change.kind == "sync"]
    needless = []
    syncs = [s for s in syncs if action == "note" or not is_excused(record, s, action)]
    for sync in syncs if not bounded else syncs[-BOUNDED_SYNCS:]:
        if not check(record, judge, world, [e for e in ends if e > sync], without=sync, first_only=True):
            needless.append(sync)
    print("power loss in %s of '%s': %d calls, %d disks, %d failed; %d syncs, %d of them proven" %
          (action, SHAPES[shape], len(record.log), judge.n_built, len(failures), len(syncs),
           (min(BOUNDED_SYNCS, len(syncs)) if bounded else len(syncs)) - len(needless)))
    for end, dropped, why in failures[:5]:
        print("  FAILED at call %d without %s: %s" % (end, dropped, why))
    for sync in needless:
        print("  not proven: sync %d, of '%s'" % (sync, name_of(record, record.log[sync].inode)))
    sys.stdout.flush()
    return len(failures), len(needless)


def main():
    program = os.path.abspath(sys.argv[1])
    bounded = "--bounded" in sys.argv
    if "TMPDIR" not in os.environ and os.access("/dev/shm", os.W_OK):
        tempfile.tempdir = "/dev/shm"
    jobs = [(a, s) for s in range(4) for a in ("note", "land", "undo", "redo") if s == 0 or a != "note"]
    if bounded:
        jobs = [("land", 0)]
    if "--only" in sys.argv:
        at = sys.argv.index("--only")
        jobs = [(sys.argv[at + 1], int(sys.argv[at + 2]))]
    totals = [run(program, action, shape, bounded) for action, shape in jobs]
    return 1 if any(failed or needless for failed, needless in totals) else 0


if __name__ == "__main__":
    sys.exit(main())
