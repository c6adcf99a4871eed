#include "base/thread.h"

#include <signal.h>
#include <string.h>

int thread_start(struct thread *thread, const char *name, void *(*body)(void *), void *arg,
                 struct err *err)
{
	sigset_t all;
	sigset_t old;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	int rc = pthread_create(&thread->id, NULL, body, arg);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc != 0)
		return err_errno(err, rc, "cannot start the thread '%s'", name);
	thread->started = true;
	pthread_setname_np(thread->id, name);
	return 0;
}

void thread_join(struct thread *thread)
{
	if (!thread->started)
		return;
	pthread_join(thread->id, NULL);
	thread->started = false;
}

void cancel_set(struct cancel *cancel)
{
	atomic_store(&cancel->set, true);
}

bool cancel_is_set(const struct cancel *cancel)
{
	return cancel && atomic_load(&cancel->set);
}
