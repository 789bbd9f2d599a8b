/* SPDX-License-Identifier: BSD-2-Clause
 * libpcap on an interface. The descriptor is set non-blocking after activation; on Linux it stays ready while frames
 * are in the ring, so a bounded pcap_dispatch a wake-up loses nothing and lets signals through. */
#include "capture_live.h"

#include <errno.h>
#include <net/if.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "base/instant.h"
#include "base/limits.h"
#include "live/fanout.h"

struct capture_live {
	pcap_t *pcap;
	char interface[64];
	char warning[PCAP_ERRBUF_SIZE + 96];
	int link_type;
	uint64_t fraction_ns; /* of one tick of the time stamps: 1 or 1000 */
	uint64_t number;
	struct pcap_stat seen; /* counters at the last capture_live_stats */
	struct capture_live_stats stats;
	uint64_t begin_ns;
	unsigned index; /* of the interface; 0: it stands for all */
	capture_sink *sink;
	void *context;
};

static bool live_error(const struct capture_live *l, const char *what, const char *why, struct error *err)
{
	return error_set(err, "%s: %s%s%s", l->interface, what, why[0] ? ": " : "", why);
}

static bool activate_error(const struct capture_live *l, int status, struct error *err)
{
	const char *why = pcap_geterr(l->pcap);

	switch (status) {
	case PCAP_ERROR_NO_SUCH_DEVICE:
		return live_error(l, "no such interface", "", err);
	case PCAP_ERROR_PERM_DENIED:
	case PCAP_ERROR_PROMISC_PERM_DENIED:
		return live_error(l, "no permission to capture (CAP_NET_RAW is needed)", why, err);
	case PCAP_ERROR_IFACE_NOT_UP:
		return live_error(l, "the interface is not up", "", err);
	case PCAP_ERROR:
		return live_error(l, "cannot capture", why, err);
	default:
		return live_error(l, pcap_statustostr(status), why, err);
	}
}

/* These calls fail only on a handle that is active already. */
static void set_up(pcap_t *p, const struct capture_live_settings *s)
{
	unsigned snap = s->snap_length && s->snap_length < LIMIT_FRAME ? s->snap_length : LIMIT_FRAME;

	pcap_set_snaplen(p, (int)snap);
	pcap_set_promisc(p, s->promiscuous);
	pcap_set_immediate_mode(p, s->timeout_ms == 0);
	pcap_set_timeout(p, s->timeout_ms ? (int)(s->timeout_ms & 0xfffff) : 1);
	if (s->buffer_mib)
		pcap_set_buffer_size(p, s->buffer_mib < 2047 ? (int)(s->buffer_mib << 20) : 2047 << 20);
	pcap_set_tstamp_precision(p, PCAP_TSTAMP_PRECISION_NANO);
}

static bool activate(struct capture_live *l, struct error *err)
{
	int status = pcap_activate(l->pcap);

	if (status < 0)
		return activate_error(l, status, err);
	if (status > 0)
		snprintf(l->warning, sizeof(l->warning), "%s: %s", l->interface,
			 status == PCAP_WARNING ? pcap_geterr(l->pcap) : pcap_statustostr(status));
	l->link_type = pcap_datalink(l->pcap);
	l->fraction_ns = pcap_get_tstamp_precision(l->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : NS_PER_US;
	return true;
}

static bool set_filter(struct capture_live *l, const char *expression, struct error *err)
{
	struct bpf_program code;

	if (!expression || !expression[0])
		return true;
	if (pcap_compile(l->pcap, &code, expression, 1, PCAP_NETMASK_UNKNOWN) != 0)
		return live_error(l, "capture filter", pcap_geterr(l->pcap), err);
	bool fine = pcap_setfilter(l->pcap, &code) == 0;
	pcap_freecode(&code);
	return fine || live_error(l, "capture filter", pcap_geterr(l->pcap), err);
}

/* Until it is a member, a socket is given every frame, those of the other members too. */
static bool join(struct capture_live *l, int *group, struct error *err)
{
	struct error why;
	struct timespec now;

	if (!fanout_join(pcap_fileno(l->pcap), group, &why))
		return live_error(l, "cannot be shared among workers", why.text, err);
	clock_gettime(CLOCK_REALTIME, &now);
	l->begin_ns = (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
	return true;
}

static bool open_interface(struct capture_live *l, const struct capture_live_settings *s, struct error *err)
{
	char text[PCAP_ERRBUF_SIZE];

	l->pcap = pcap_create(l->interface, text);
	if (!l->pcap)
		return live_error(l, "cannot capture", text, err);
	set_up(l->pcap, s);
	if (!activate(l, err) || !set_filter(l, s->filter, err))
		return false;
	if (pcap_setnonblock(l->pcap, 1, text) != 0)
		return live_error(l, "cannot capture", text, err);
	l->index = if_nametoindex(l->interface);
	return !s->group || join(l, s->group, err);
}

struct capture_live *capture_live_open(const struct capture_live_settings *settings, struct error *err)
{
	struct capture_live *l = calloc(1, sizeof(*l));

	if (!l) {
		error_set(err, "%s", strerror(ENOMEM));
		return NULL;
	}
	int size = snprintf(l->interface, sizeof(l->interface), "%s", settings->interface);
	if (size <= 0 || (size_t)size >= sizeof(l->interface))
		live_error(l, "no such interface", "", err);
	else if (open_interface(l, settings, err))
		return l;
	capture_live_close(l);
	return NULL;
}

void capture_live_close(struct capture_live *l)
{
	if (!l)
		return;
	if (l->pcap)
		pcap_close(l->pcap);
	free(l);
}

const char *capture_live_warning(const struct capture_live *l)
{
	return l->warning;
}

int capture_live_fd(const struct capture_live *l)
{
	return pcap_get_selectable_fd(l->pcap);
}

const struct timeval *capture_live_timeout(const struct capture_live *l)
{
	return pcap_get_required_select_timeout(l->pcap);
}

/* pcap_handler */
static void hand_on(u_char *user, const struct pcap_pkthdr *h, const u_char *data)
{
	struct capture_live *l = (void *)user;
	uint64_t time_ns = (uint64_t)h->ts.tv_sec * NS_PER_S + (uint64_t)h->ts.tv_usec * l->fraction_ns;

	if (unlikely(time_ns < l->begin_ns))
		return;
	struct frame f = {
		.data = bytes_of(data, h->caplen < LIMIT_FRAME ? h->caplen : LIMIT_FRAME),
		.wire_size = h->len,
		.link_type = l->link_type,
		.time_ns = time_ns,
		.number = ++l->number,
		.interface = l->interface,
	};

	l->sink(l->context, &f);
}

int capture_live_read(struct capture_live *l, int max, capture_sink *sink, void *context, struct error *err)
{
	uint64_t before = l->number;

	l->sink = sink;
	l->context = context;
	int result = pcap_dispatch(l->pcap, max, hand_on, (u_char *)l);
	if (result >= 0)
		return result;
	if (result == PCAP_ERROR_BREAK)
		return (int)(l->number - before);
	live_error(l, "cannot be read any more", pcap_geterr(l->pcap), err);
	return -1;
}

void capture_live_break(struct capture_live *l)
{
	pcap_breakloop(l->pcap);
}

void capture_live_begin(struct capture_live *l, uint64_t time_ns)
{
	l->begin_ns = time_ns;
}

enum capture_live_state capture_live_look(const struct capture_live *l)
{
	struct ifreq r = { 0 };

	if (l->index == 0)
		return CAPTURE_UP;
	if (if_nametoindex(l->interface) != l->index)
		return CAPTURE_GONE;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%.*s", (int)sizeof(r.ifr_name) - 1, l->interface);
	return ioctl(pcap_fileno(l->pcap), SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP) ? CAPTURE_UP : CAPTURE_DOWN;
}

bool capture_live_stats(struct capture_live *l, struct capture_live_stats *ret)
{
	struct pcap_stat now;

	if (pcap_stats(l->pcap, &now) != 0)
		return false;
	l->stats.received += now.ps_recv - l->seen.ps_recv;
	l->stats.dropped += now.ps_drop - l->seen.ps_drop;
	l->stats.interface_dropped += now.ps_ifdrop - l->seen.ps_ifdrop;
	l->seen = now;
	*ret = l->stats;
	return true;
}
