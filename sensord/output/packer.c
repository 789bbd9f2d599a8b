/* SPDX-License-Identifier: BSD-2-Clause */
#include "packer.h"

#include <stdio.h>

static void *pack(void *context)
{
	struct packer *p = context;

	p->fine = rotate_pack(p->name, &p->stop, &p->err);
	rotate_prune(p->path, p->keep);
	atomic_store(&p->done, true);
	return NULL;
}

static void *pack_alone(void *context)
{
	pthread_setname_np(pthread_self(), "pack");
	return pack(context);
}

static void collect(struct packer *p)
{
	if (p->busy)
		pthread_join(p->thread, NULL);
	p->busy = false;
}

void packer_start(struct packer *p, const char *name, const char *path, unsigned keep)
{
	collect(p);
	snprintf(p->name, sizeof(p->name), "%s", name);
	p->path = path;
	p->keep = keep;
	atomic_store(&p->done, false);
	p->busy = pthread_create(&p->thread, NULL, pack_alone, p) == 0;
	if (!p->busy)
		pack(p);
}

bool packer_ended(struct packer *p, bool *ret_fine, struct error *err)
{
	if (!atomic_load(&p->done))
		return false;
	collect(p);
	atomic_store(&p->done, false);
	*ret_fine = p->fine;
	*err = p->err;
	return true;
}

void packer_stop(struct packer *p)
{
	atomic_store(&p->stop, true);
	collect(p);
}
