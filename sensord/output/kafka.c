/* SPDX-License-Identifier: BSD-2-Clause
 * Kind kafka, through librdkafka where it was built with it: each line is a message of one topic, with the site's name as
 * its key, so that one partition keeps the order. Delivery reports acknowledge; the producer is idempotent. A report of
 * failure ends this producer: the next one starts from the first line that was not delivered. */
#include "kind.h"

#ifdef HAVE_RDKAFKA

#include <librdkafka/rdkafka.h>
#include <stdlib.h>

#define DELIVERY_MS "8000" /* undelivered for so long: the cluster is away */
#define POLL_BATCH 100

struct kafka {
	char *brokers, *topic, *site, *ca, *certificate, *key;
	bool tls, unverified;
	rd_kafka_t *producer;
	uint64_t lines, delivered;
	bool failed;
	char why[256];
};

static void kafka_close(void *k)
{
	struct kafka *s = k;
	char *const texts[] = { s->brokers, s->topic, s->site, s->ca, s->certificate, s->key };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	free(s);
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *context)
{
	struct kafka *s = context;
	const char *why = rd_kafka_err2str(message->err);

	(void)producer;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && !s->failed) {
		s->delivered++;
		return;
	}
	if (!s->failed)
		memcpy(s->why, why, strlen(why) < sizeof(s->why) ? strlen(why) + 1 : 0);
	s->failed = true;
}

/* Below app nothing prints: what the library says of its brokers comes back as the failure of a delivery. */
static void on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
	(void)producer;
	(void)level;
	(void)facility;
	(void)text;
}

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value, struct error *err)
{
	char why[256];

	if (!value || rd_kafka_conf_set(conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return true;
	return error_set(err, "kafka: %s: %s", name, why);
}

static rd_kafka_conf_t *configure(const struct kafka *s, struct error *err)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();

	if (set(conf, "bootstrap.servers", s->brokers, err) && set(conf, "client.id", "sensord", err) &&
	    set(conf, "enable.idempotence", "true", err) && set(conf, "message.timeout.ms", DELIVERY_MS, err) &&
	    set(conf, "linger.ms", "20", err) && set(conf, "compression.codec", "lz4", err) &&
	    (!s->tls || (set(conf, "security.protocol", "ssl", err) && set(conf, "ssl.ca.location", s->ca, err) &&
			 set(conf, "ssl.certificate.location", s->certificate, err) && set(conf, "ssl.key.location", s->key, err) &&
			 set(conf, "enable.ssl.certificate.verification", s->unverified ? "false" : "true", err)))) {
		rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
		rd_kafka_conf_set_log_cb(conf, on_log);
		return conf;
	}
	rd_kafka_conf_destroy(conf);
	return NULL;
}

static bool take(char **to, const char *text)
{
	*to = text ? strdup(text) : NULL;
	return !text || *to;
}

static void *kafka_open(const struct output_settings *from, const struct teller *teller, bool dry, struct error *err)
{
	static const char plain[] = "kafka://", tls[] = "kafka+tls://";
	const char *target = from->target ? from->target : "";
	struct kafka *s = calloc(1, sizeof(*s));

	(void)teller;
	(void)dry;
	if (!s) {
		error_set(err, "out of memory");
		return NULL;
	}
	s->tls = strncmp(target, tls, sizeof(tls) - 1) == 0;
	s->unverified = from->unverified;
	const char *brokers = s->tls ? target + sizeof(tls) - 1 :
			      strncmp(target, plain, sizeof(plain) - 1) == 0 ? target + sizeof(plain) - 1 : "";
	bool fine = *brokers || error_set(err, "`%s`: expected kafka://HOST:PORT[,HOST:PORT…] or kafka+tls://…", target);
	fine = fine && ((take(&s->brokers, brokers) && take(&s->topic, from->topic && *from->topic ? from->topic : "sensord") &&
			 take(&s->site, from->site) && take(&s->ca, from->ca) && take(&s->certificate, from->certificate) &&
			 take(&s->key, from->key)) || error_set(err, "out of memory"));
	rd_kafka_conf_t *conf = fine ? configure(s, err) : NULL;
	if (!conf) {
		kafka_close(s);
		return NULL;
	}
	rd_kafka_conf_destroy(conf);
	return s;
}

static bool kafka_connect(void *k, const struct waiter *w, struct error *err)
{
	struct kafka *s = k;
	rd_kafka_conf_t *conf = configure(s, err);
	char why[256];

	(void)w; /* nothing to wait for: brokers are reached when there is something to deliver */
	if (!conf)
		return false;
	rd_kafka_conf_set_opaque(conf, s);
	s->lines = s->delivered = 0;
	s->failed = false;
	s->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (s->producer)
		return true;
	rd_kafka_conf_destroy(conf);
	return error_set(err, "kafka: %s", why);
}

static enum sent kafka_send(void *k, const struct output_item *item, struct error *err)
{
	struct kafka *s = k;
	size_t key = s->site ? strlen(s->site) : 0;

	rd_kafka_resp_err_t why =
		rd_kafka_producev(s->producer, RD_KAFKA_V_TOPIC(s->topic), RD_KAFKA_V_KEY(s->site, key),
				  RD_KAFKA_V_VALUE((void *)(uintptr_t)item->line.at, item->line.size),
				  RD_KAFKA_V_TIMESTAMP((int64_t)(item->time_ns / 1000000)),
				  RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
	if (why == RD_KAFKA_RESP_ERR_NO_ERROR) {
		s->lines++;
		return SENT;
	}
	if (why == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return SENT_FULL;
	error_set(err, "kafka %s: %s", s->brokers, rd_kafka_err2str(why));
	return why == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE ? SENT_REFUSED : SENT_AWAY;
}

static bool kafka_settle(void *k, uint64_t *ret_acknowledged, struct error *err)
{
	struct kafka *s = k;

	for (unsigned i = 0; i < POLL_BATCH && rd_kafka_poll(s->producer, 0) > 0; i++)
		;
	*ret_acknowledged = s->delivered;
	return !s->failed || error_set(err, "kafka %s: %s", s->brokers, s->why);
}

static int kafka_descriptor(void *k, short *ret_events)
{
	(void)k;
	*ret_events = 0;
	return -1;
}

static void kafka_disconnect(void *k)
{
	struct kafka *s = k;

	s->failed = true; /* reports to come are of lines that are sent again */
	(void)rd_kafka_purge(s->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	(void)rd_kafka_poll(s->producer, 0);
	rd_kafka_destroy(s->producer);
	s->producer = NULL;
}

const struct output_kind kind_kafka = {
	.type = "kafka", .open = kafka_open, .connect = kafka_connect, .send = kafka_send, .settle = kafka_settle,
	.descriptor = kafka_descriptor, .disconnect = kafka_disconnect, .close = kafka_close,
};

#else

static void *kafka_open(const struct output_settings *from, const struct teller *teller, bool dry, struct error *err)
{
	(void)from;
	(void)teller;
	(void)dry;
	error_set(err, "this sensord was built without Kafka (configure --with-kafka, librdkafka)");
	return NULL;
}

const struct output_kind kind_kafka = { .type = "kafka", .open = kafka_open };

#endif
