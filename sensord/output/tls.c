/* SPDX-License-Identifier: BSD-2-Clause */
#include "tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define HANDSHAKE_MS 5000

/* A file of the settings, and what it was when it was read. */
struct pem {
	char *path; /* NULL: none */
	struct stat seen;
};
enum { PEM_CA, PEM_CERTIFICATE, PEM_KEY, PEMS };

struct tls {
	SSL_CTX *context;
	SSL *ssl;
	char *host;
	bool verify, is_address;
	struct pem files[PEMS];
};

static bool failed(const char *what, const char *of, struct error *err)
{
	char why[256] = "";
	unsigned long code = ERR_get_error();

	if (code)
		ERR_error_string_n(code, why, sizeof(why));
	ERR_clear_error();
	return error_set(err, "tls: %s%s%s%s%s", what, of ? " " : "", of ? of : "", *why ? ": " : "", why);
}

static bool load(struct tls *t, struct error *err)
{
	const char *ca = t->files[PEM_CA].path, *certificate = t->files[PEM_CERTIFICATE].path;
	const char *key = t->files[PEM_KEY].path ? t->files[PEM_KEY].path : certificate;

	if (SSL_CTX_set_min_proto_version(t->context, TLS1_2_VERSION) != 1)
		return failed("cannot ask for TLS 1.2", NULL, err);
	SSL_CTX_set_mode(t->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(t->context, t->verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (ca ? SSL_CTX_load_verify_locations(t->context, ca, NULL) != 1 : SSL_CTX_set_default_verify_paths(t->context) != 1)
		return failed("cannot read the CA certificates", ca, err);
	if (certificate && SSL_CTX_use_certificate_chain_file(t->context, certificate) != 1)
		return failed("cannot read the certificate", certificate, err);
	if (key && SSL_CTX_use_PrivateKey_file(t->context, key, SSL_FILETYPE_PEM) != 1)
		return failed("cannot read the key", key, err);
	if (key && SSL_CTX_check_private_key(t->context) != 1)
		return failed("this key is not the certificate's:", key, err);
	return true;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Notes what the files are now; true where one of them is another than before. */
static bool have_changed(struct tls *t)
{
	bool changed = false;

	for (struct pem *p = t->files; p < t->files + PEMS; p++) {
		struct stat now;
		if (!p->path || stat(p->path, &now) != 0 || is_same(&now, &p->seen))
			continue;
		p->seen = now;
		changed = true;
	}
	return changed;
}

/* Certificates end: who renews them should not have to restart the sensor. Files half renewed fail this connection and the
 * next ones, until what is there can be read; where a file is gone, what was read of it serves on. */
static bool read_again(struct tls *t, struct error *err)
{
	SSL_CTX *before = t->context;

	if (!have_changed(t))
		return true;
	t->context = SSL_CTX_new(TLS_client_method());
	if (t->context && load(t, err)) {
		SSL_CTX_free(before);
		return true;
	}
	if (!t->context)
		error_set(err, "out of memory");
	SSL_CTX_free(t->context);
	t->context = before;
	for (size_t i = 0; i < PEMS; i++)
		t->files[i].seen = (struct stat){ 0 };
	return false;
}

static bool name_files(struct tls *t, const struct output_settings *s)
{
	const char *const paths[PEMS] = { [PEM_CA] = s->ca, [PEM_CERTIFICATE] = s->certificate, [PEM_KEY] = s->key };

	for (size_t i = 0; i < PEMS; i++)
		if (paths[i] && !(t->files[i].path = strdup(paths[i])))
			return false;
	return true;
}

struct tls *tls_new(const struct output_settings *s, const char *host, struct error *err)
{
	struct tls *t = calloc(1, sizeof(*t));
	struct in6_addr address;

	if (!t || !(t->host = strdup(host)) || !name_files(t, s) || !(t->context = SSL_CTX_new(TLS_client_method()))) {
		tls_free(t);
		error_set(err, "out of memory");
		return NULL;
	}
	t->verify = !s->unverified;
	t->is_address = inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1;
	(void)have_changed(t);
	if (load(t, err))
		return t;
	tls_free(t);
	return NULL;
}

void tls_free(struct tls *t)
{
	if (!t)
		return;
	tls_disconnect(t);
	SSL_CTX_free(t->context);
	for (size_t i = 0; i < PEMS; i++)
		free(t->files[i].path);
	free(t->host);
	free(t);
}

void tls_disconnect(struct tls *t)
{
	if (t->ssl && SSL_is_init_finished(t->ssl))
		(void)SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	t->ssl = NULL;
	ERR_clear_error();
}

static bool name_peer(struct tls *t)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(t->ssl);

	if (t->is_address)
		return X509_VERIFY_PARAM_set1_ip_asc(param, t->host) == 1;
	X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set_tlsext_host_name(t->ssl, t->host) == 1 && SSL_set1_host(t->ssl, t->host) == 1;
}

static bool refused(struct tls *t, int result, struct error *err)
{
	long verdict = SSL_get_verify_result(t->ssl);
	int why = errno;

	if (t->verify && verdict != X509_V_OK)
		return error_set(err, "tls: the certificate of %s is refused: %s", t->host, X509_verify_cert_error_string(verdict));
	if (SSL_get_error(t->ssl, result) == SSL_ERROR_SYSCALL && ERR_peek_error() == 0)
		return error_set(err, "tls: %s ended the handshake: %s", t->host, why ? strerror(why) : "connection closed");
	return failed("no handshake with", t->host, err);
}

bool tls_connect(struct tls *t, int fd, const struct waiter *w, struct error *err)
{
	tls_disconnect(t);
	if (!read_again(t, err))
		return false;
	t->ssl = SSL_new(t->context);
	if (!t->ssl || SSL_set_fd(t->ssl, fd) != 1 || !name_peer(t))
		return failed("cannot begin with", t->host, err);
	for (;;) {
		ERR_clear_error();
		errno = 0;
		int n = SSL_connect(t->ssl);
		if (n == 1)
			return true;
		int want = SSL_get_error(t->ssl, n);
		if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
			return refused(t, n, err);
		if (!w->wait(w->context, fd, want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, HANDSHAKE_MS))
			return error_set(err, "tls: %s does not answer the handshake", t->host);
	}
}

static bool is_patience(struct tls *t, int result)
{
	int want = SSL_get_error(t->ssl, result);

	return want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE;
}

static bool gone(struct tls *t, int result, struct error *err)
{
	int why = errno, kind = SSL_get_error(t->ssl, result);

	if (kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && ERR_peek_error() == 0))
		return error_set(err, "tls: %s closed the connection%s%s", t->host, why ? ": " : "", why ? strerror(why) : "");
	return failed("connection lost with", t->host, err);
}

ssize_t tls_write(struct tls *t, struct bytes b, struct error *err)
{
	ERR_clear_error();
	errno = 0;
	int n = SSL_write(t->ssl, b.at, (int)b.size);
	if (n > 0)
		return n;
	if (is_patience(t, n))
		return 0;
	gone(t, n, err);
	return -1;
}

/* Syslog peers say nothing; what comes is of TLS itself (tickets, the close), or thrown away. */
bool tls_lives(struct tls *t, struct error *err)
{
	char room[1024];
	int n;

	do {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(t->ssl, room, sizeof(room));
	} while (n > 0);
	return is_patience(t, n) || gone(t, n, err);
}

uint64_t tls_written(const struct tls *t)
{
	return t->ssl ? BIO_number_written(SSL_get_wbio(t->ssl)) : 0;
}
