/* SPDX-License-Identifier: BSD-2-Clause */
#include "evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/limits.h"
#include "base/text.h"
#include "evidence_folder.h"
#include "pcapng.h"

#define WORKERS_MAX 64
#define COMMENT_SIZE 1024

/* Which packets: of these addresses, whichever way they went. */
struct wanted {
	struct address a, b;
	bool has_b, has_ports;
	uint16_t a_port, b_port;
	uint8_t protocol; /* 0: any */
};

struct piece {
	struct recent_packet packet;
	struct piece *next;
	uint8_t data[];
};

struct job {
	struct job *next;
	struct wanted wanted;
	uint64_t due_ns;
	uint64_t seen[WORKERS_MAX]; /* orders looked at */
	bool looked;
	size_t n, bytes, max_n, max_bytes;
	size_t held; /* bytes when it was looked at; of the lock */
	struct piece *first, *last;
	char name[EVIDENCE_NAME];
	char comment[COMMENT_SIZE];
};

struct evidence {
	char *path;
	struct evidence_folder *folder;
	struct recent *recent[WORKERS_MAX];
	bool threaded, started;
	size_t memory, max_jobs;
	pthread_t thread;
	pthread_mutex_t lock; /* of what follows */
	pthread_cond_t news;
	struct job *first;    /* in the order of their due times */
	size_t n_jobs;
	uint64_t now_ns;
	bool ending, flushing;
	bool failed;          /* a file, since the start */
	bool failing, told;   /* the latest file; and it was told */
	struct error problem; /* of the present or latest outage */
};

/* ---- looking ---- */

static bool is_wanted(const struct wanted *w, const struct recent_packet *p)
{
	bool forth = address_equal(&p->source, &w->a), back = address_equal(&p->destination, &w->a);

	if (w->protocol && p->protocol != w->protocol)
		return false;
	if (!w->has_b)
		return forth || back;
	forth = forth && address_equal(&p->destination, &w->b);
	back = back && address_equal(&p->source, &w->b);
	if (!w->has_ports)
		return forth || back;
	return (forth && p->source_port == w->a_port && p->destination_port == w->b_port) ||
	       (back && p->source_port == w->b_port && p->destination_port == w->a_port);
}

static void forget_first(struct job *j)
{
	struct piece *p = j->first;

	j->first = p->next;
	j->last = j->first ? j->last : NULL;
	j->n--;
	j->bytes -= p->packet.size;
	free(p);
}

/* Before the alert the last packets count, after it the first. */
static void take(void *to, const struct recent_packet *packet, const uint8_t *data)
{
	struct job *j = to;

	if (!is_wanted(&j->wanted, packet) || packet->size > j->max_bytes)
		return;
	while (!j->looked && j->first && (j->n >= j->max_n || j->bytes + packet->size > j->max_bytes))
		forget_first(j);
	struct piece *p = j->n < j->max_n && j->bytes + packet->size <= j->max_bytes ? malloc(sizeof(*p) + packet->size) : NULL;
	if (!p)
		return;
	p->packet = *packet;
	p->next = NULL;
	memcpy(p->data, data, packet->size);
	if (j->last)
		j->last->next = p;
	else
		j->first = p;
	j->last = p;
	j->n++;
	j->bytes += packet->size;
}

static void look(struct evidence *e, struct job *j)
{
	j->max_n = j->looked ? EVIDENCE_PACKETS : EVIDENCE_PACKETS / 2;
	j->max_bytes = j->looked ? EVIDENCE_BYTES : EVIDENCE_BYTES / 2;
	for (size_t i = 0; i < WORKERS_MAX && e->recent[i]; i++)
		j->seen[i] = recent_walk(e->recent[i], j->seen[i], take, j);
	j->looked = true;
}

/* ---- writing ---- */

static int by_time(const void *a, const void *b)
{
	const struct piece *x = *(struct piece *const *)a, *y = *(struct piece *const *)b;

	if (x->packet.time_ns != y->packet.time_ns)
		return x->packet.time_ns < y->packet.time_ns ? -1 : 1;
	return (x->packet.order > y->packet.order) - (x->packet.order < y->packet.order);
}

static bool write_packets(const struct job *j, FILE *to)
{
	struct piece **all = calloc(j->n + 1, sizeof(*all));
	struct pcapng file;
	size_t n = 0;

	if (!all)
		return false;
	for (struct piece *p = j->first; p && n < j->n; p = p->next)
		all[n++] = p;
	qsort(all, n, sizeof(*all), by_time);
	pcapng_begin(&file, to, bytes_string(j->comment));
	for (size_t i = 0; i < n; i++)
		pcapng_packet(&file, &all[i]->packet, all[i]->data);
	free(all);
	return pcapng_end(&file);
}

static void fail(struct evidence *e, const char *name, int why)
{
	pthread_mutex_lock(&e->lock);
	if (!e->failing)
		error_set(&e->problem, "evidence %s/%s: cannot write: %s", e->path, name, strerror(why ? why : EIO));
	e->failed = e->failing = true;
	pthread_mutex_unlock(&e->lock);
}

/* Under another name first: who finds the file finds it whole. What has that name is of a run that was killed, or a link
 * that somebody put there: it goes, and is not written to. */
static void write_job(struct evidence *e, const struct job *j)
{
	int at = evidence_folder_fd(e->folder);
	(void)unlinkat(at, EVIDENCE_UNFINISHED, 0);
	int fd = openat(at, EVIDENCE_UNFINISHED, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0640);
	FILE *to = fd < 0 ? NULL : fdopen(fd, "wb");
	bool ok = to && write_packets(j, to);
	int why = errno;
	long size = ok ? ftell(to) : 0;

	if (to && fclose(to) != 0)
		ok = false;
	else if (!to && fd >= 0)
		close(fd);
	if (ok && renameat(at, EVIDENCE_UNFINISHED, at, j->name) == 0) {
		evidence_folder_add(e->folder, j->name, (uint64_t)size, j->due_ns);
		pthread_mutex_lock(&e->lock);
		e->failing = e->told = false;
		pthread_mutex_unlock(&e->lock);
		return;
	}
	(void)unlinkat(at, EVIDENCE_UNFINISHED, 0);
	fail(e, j->name, why);
}

static void job_free(struct job *j)
{
	while (j->first)
		forget_first(j);
	free(j);
}

/* ---- jobs ---- */

/* The first job that is due, taken out; NULL where there is none. `lock` is held. */
static struct job *take_due(struct evidence *e)
{
	struct job *j = e->first;

	if (!j || (j->due_ns > e->now_ns && !e->flushing))
		return NULL;
	e->first = j->next;
	e->n_jobs--;
	return j;
}

static struct job *find_new(struct evidence *e)
{
	struct job *j = e->first;

	while (j && j->looked)
		j = j->next;
	return j;
}

/* One thing to do; false where there is nothing. `lock` is held, and let go meanwhile: only one caller takes jobs out. */
static bool step(struct evidence *e)
{
	struct job *fresh = find_new(e), *due = fresh ? NULL : take_due(e);

	if (!fresh && !due)
		return false;
	pthread_mutex_unlock(&e->lock);
	look(e, fresh ? fresh : due);
	if (due) {
		write_job(e, due);
		job_free(due);
	}
	pthread_mutex_lock(&e->lock);
	if (fresh)
		fresh->held = fresh->bytes;
	return true;
}

static void *work(void *context)
{
	struct evidence *e = context;

	pthread_setname_np(pthread_self(), "evidence");
	pthread_mutex_lock(&e->lock);
	for (;;) {
		while (step(e))
			;
		if (e->ending)
			break;
		pthread_cond_wait(&e->news, &e->lock);
	}
	pthread_mutex_unlock(&e->lock);
	return NULL;
}

/* Tells the thread, or does its work. `lock` is held. */
static void nudge(struct evidence *e)
{
	if (e->started)
		pthread_cond_signal(&e->news);
	else if (!e->threaded)
		while (step(e))
			;
}

static bool describe(const struct record *alert, struct wanted *w)
{
	const struct address *source = record_ip(alert, FIELD_SOURCE_IP), *destination = record_ip(alert, FIELD_DESTINATION_IP);
	struct bytes transport = record_text(alert, FIELD_NETWORK_TRANSPORT);
	const struct value *several = record_get(alert, FIELD_ALERT_EVIDENCE);
	bool one = !several || !record_next(alert, several);

	*w = (struct wanted){ 0 };
	if (!source && !destination)
		return false;
	w->a = source ? *source : *destination;
	w->has_b = source && destination;
	if (w->has_b)
		w->b = *destination;
	w->a_port = (uint16_t)record_uint(alert, FIELD_SOURCE_PORT);
	w->b_port = (uint16_t)record_uint(alert, FIELD_DESTINATION_PORT);
	w->has_ports = one && w->has_b && record_has(alert, FIELD_SOURCE_PORT) && record_has(alert, FIELD_DESTINATION_PORT);
	if (one && w->has_ports)
		w->protocol = bytes_equal(transport, bytes_string("tcp")) ? IP_TCP : bytes_equal(transport, bytes_string("udp")) ? IP_UDP : 0;
	return true;
}

static struct job *job_new(const struct record *alert)
{
	struct job *j = calloc(1, sizeof(*j));
	struct bytes rule = record_text(alert, FIELD_RULE_ID), message = record_text(alert, FIELD_MESSAGE);

	if (!j || !describe(alert, &j->wanted)) {
		free(j);
		return NULL;
	}
	evidence_folder_name(alert->time_ns, rule, alert->id, j->name);
	struct text t = TEXT_ON(j->comment);
	text_printf(&t, "rule %.*s, alert %016llx, key %.*s: %.*s", (int)rule.size, (const char *)rule.at,
		    (unsigned long long)alert->id, (int)record_text(alert, FIELD_ALERT_KEY).size,
		    (const char *)record_text(alert, FIELD_ALERT_KEY).at, (int)message.size, (const char *)message.at);
	text_end(&t);
	j->due_ns = alert->time_ns + EVIDENCE_AFTER_NS;
	return j;
}

static void insert(struct evidence *e, struct job *j)
{
	struct job **at = &e->first;

	while (*at && (*at)->due_ns <= j->due_ns)
		at = &(*at)->next;
	j->next = *at;
	*at = j;
	e->n_jobs++;
}

void evidence_alert(struct evidence *e, struct record *alert)
{
	if (record_text_is(alert, FIELD_ALERT_STATE, "closed"))
		return;
	struct job *j = job_new(alert);
	pthread_mutex_lock(&e->lock);
	if (j && e->n_jobs < e->max_jobs) {
		record_printf(alert, FIELD_ALERT_EVIDENCE_FILE, "%s/%s", e->path, j->name);
		insert(e, j);
		j = NULL;
		nudge(e);
	}
	pthread_mutex_unlock(&e->lock);
	free(j);
}

void evidence_held(struct evidence *e, size_t *ret_alerts, size_t *ret_bytes)
{
	size_t bytes = 0;

	for (size_t i = 0; i < WORKERS_MAX && e->recent[i]; i++)
		bytes += recent_bytes(e->recent[i]);
	pthread_mutex_lock(&e->lock);
	for (const struct job *j = e->first; j; j = j->next)
		bytes += sizeof(*j) + j->held;
	*ret_alerts = e->n_jobs;
	pthread_mutex_unlock(&e->lock);
	*ret_bytes = bytes;
}

void evidence_tick(struct evidence *e, uint64_t now_ns)
{
	pthread_mutex_lock(&e->lock);
	if (now_ns > e->now_ns)
		e->now_ns = now_ns;
	if (e->first && e->first->due_ns <= e->now_ns)
		nudge(e);
	pthread_mutex_unlock(&e->lock);
}

static void end_thread(struct evidence *e)
{
	if (!e->started)
		return;
	pthread_mutex_lock(&e->lock);
	e->ending = true;
	pthread_cond_signal(&e->news);
	pthread_mutex_unlock(&e->lock);
	pthread_join(e->thread, NULL);
	e->started = false;
}

bool evidence_finish(struct evidence *e, struct error *err)
{
	end_thread(e);
	pthread_mutex_lock(&e->lock);
	e->flushing = true;
	while (step(e))
		;
	e->flushing = false;
	if (e->failed && err)
		*err = e->problem;
	bool ok = !e->failed;
	pthread_mutex_unlock(&e->lock);
	return ok;
}

bool evidence_failed(struct evidence *e, struct error *ret)
{
	pthread_mutex_lock(&e->lock);
	bool tell = e->failing && !e->told;
	if (tell) {
		e->told = true;
		*ret = e->problem;
	}
	pthread_mutex_unlock(&e->lock);
	return tell;
}

/* ---- life ---- */

struct evidence *evidence_new(const struct evidence_settings *s, struct error *err)
{
	struct evidence *e = calloc(1, sizeof(*e));

	if (!e || pthread_mutex_init(&e->lock, NULL) != 0 || pthread_cond_init(&e->news, NULL) != 0) {
		free(e);
		error_set(err, "out of memory");
		return NULL;
	}
	e->threaded = s->thread;
	e->memory = s->memory && s->memory < EVIDENCE_MEMORY ? s->memory : EVIDENCE_MEMORY;
	e->max_jobs = e->memory / 2 / EVIDENCE_BYTES < 1 ? 1 : e->memory / 2 / EVIDENCE_BYTES;
	e->max_jobs = e->max_jobs < EVIDENCE_JOBS ? e->max_jobs : EVIDENCE_JOBS;
	e->path = strdup(s->folder);
	if (!e->path)
		error_set(err, "out of memory");
	else
		e->folder = evidence_folder_open(s->folder, s->max_bytes, s->max_age_ns, err);
	if (e->folder)
		return e;
	evidence_free(e);
	return NULL;
}

struct recent *evidence_recent(struct evidence *e, size_t index, size_t count)
{
	if (index >= WORKERS_MAX)
		return NULL;
	if (!e->recent[index])
		e->recent[index] = recent_new(e->memory / 2 / (count ? count : 1));
	return e->recent[index];
}

bool evidence_start(struct evidence *e, struct error *err)
{
	if (!e->threaded || e->started)
		return true;
	int why = pthread_create(&e->thread, NULL, work, e);
	e->started = why == 0;
	return e->started || error_set(err, "evidence: cannot start its thread: %s", strerror(why));
}

void evidence_free(struct evidence *e)
{
	struct job *j;

	if (!e)
		return;
	end_thread(e);
	while ((j = e->first) != NULL) {
		e->first = j->next;
		job_free(j);
	}
	for (size_t i = 0; i < WORKERS_MAX; i++)
		recent_free(e->recent[i]);
	evidence_folder_close(e->folder);
	pthread_cond_destroy(&e->news);
	pthread_mutex_destroy(&e->lock);
	free(e->path);
	free(e);
}
