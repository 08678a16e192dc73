/*
 * TLS with servers, by OpenSSL. A session is fed with what arrives and drained of what is to be sent, so that all waiting is done where the
 * sockets are: Net/TlsStream.cs. Each session belongs to one thread at a time.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* ERR_load_SSL_strings */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a session's steps return where they do not succeed: NativeTls.cs. */
enum { WANTS_INPUT = -1, FAILED = -2 };

/* ---- Why a session has failed ---- */

/* NativeTls.cs has the same. */
struct failure {
    int verification; /* X509_V_ERR_*, or 0 where the certificate is not the reason */
    int64_t valid_from, valid_until; /* seconds since 1970, of the certificate that is not valid now */
    char text[128];
};

static int64_t seconds(const ASN1_TIME *time)
{
    struct tm parts;
    return time && ASN1_TIME_to_tm(time, &parts) ? timegm(&parts) : 0;
}

/* Of this thread's present step. */
static __thread struct failure refused;

/* OpenSSL asks whether a certificate that it has verified is taken. */
static int note_refusal(int is_trusted, X509_STORE_CTX *verification)
{
    if (is_trusted)
        return 1;
    const X509 *certificate = X509_STORE_CTX_get_current_cert(verification);
    refused.verification = X509_STORE_CTX_get_error(verification);
    refused.valid_from = certificate ? seconds(X509_get0_notBefore(certificate)) : 0;
    refused.valid_until = certificate ? seconds(X509_get0_notAfter(certificate)) : 0;
    return 0;
}

/* ---- What a session is made with ---- */

/* OpenSSL's error texts are loaded where one is needed: half a millisecond. */
static int initialize(void)
{
    const uint64_t no_texts = OPENSSL_INIT_NO_LOAD_SSL_STRINGS | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS;
    return OPENSSL_init_ssl(no_texts | OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}

/* A client's settings, which trust nobody yet; verifies: 0: whoever answers is taken. NULL where there is no memory. */
SSL_CTX *proa_tls_context(int verifies)
{
    SSL_CTX *context = initialize() ? SSL_CTX_new(TLS_client_method()) : NULL;
    if (!context)
        return NULL;
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    /* The end of a connection is its end: whether a response is whole, HTTP knows. */
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_verify(context, verifies ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, verifies ? note_refusal : NULL);
    /* As Go, and so every other client of Kubernetes: whatever is in the CA file is trusted, and a name is an alternative name. */
    X509_VERIFY_PARAM *rules = SSL_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return context;
}

void proa_tls_free_context(SSL_CTX *context) { SSL_CTX_free(context); }

/* No file has a password that proa could know, nor a person to ask. */
static int no_password(char *buffer, int size, int is_written, void *none)
{
    (void)buffer;
    (void)size;
    (void)is_written;
    (void)none;
    return 0;
}

/* Trusts the certificates of a PEM file, and skips, as Go does, what it cannot read. Returns how many there are. */
int proa_tls_trust(SSL_CTX *context, const char *pem, int length)
{
    BIO *file = BIO_new_mem_buf(pem, length);
    int count = 0;
    for (size_t left = 0, now; file && (now = BIO_ctrl_pending(file)) > 0 && now != left; left = now) {
        X509 *certificate = PEM_read_bio_X509(file, NULL, no_password, NULL);
        count += certificate && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
        X509_free(certificate);
    }
    ERR_clear_error();
    BIO_free(file);
    return count;
}

/* Trusts the image's CAs: where SSL_CERT_FILE and SSL_CERT_DIR say, where Debian has them, or in the first of the files that others have. */
void proa_tls_trust_system(SSL_CTX *context)
{
    static const char *const files[] = {
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
    };
    X509_STORE *store = SSL_CTX_get_cert_store(context);
    X509_LOOKUP *file = X509_STORE_add_lookup(store, X509_LOOKUP_file());
    X509_LOOKUP *directory = X509_STORE_add_lookup(store, X509_LOOKUP_hash_dir());
    int is_found = 0;
    if (file)
        is_found = X509_LOOKUP_load_file(file, NULL, X509_FILETYPE_DEFAULT);
    if (directory)
        is_found |= X509_LOOKUP_add_dir(directory, NULL, X509_FILETYPE_DEFAULT) && access(X509_get_default_cert_dir(), R_OK) == 0;
    for (size_t i = 0; file && !is_found && i < sizeof files / sizeof *files; i++)
        is_found = X509_LOOKUP_load_file(file, files[i], X509_FILETYPE_PEM);
    ERR_clear_error();
}

/* Presents a client's certificate, with what follows it in its file, and its key. Returns what is wrong: NativeTls.cs has the same. */
enum { NO_CERTIFICATE = 1, NO_KEY = 2, OTHER_KEY = 3, NO_SUCH_KIND = 4 };

int proa_tls_present(SSL_CTX *context, const char *certificate_pem, int certificate_length, const char *key_pem, int key_length)
{
    BIO *file = BIO_new_mem_buf(certificate_pem, certificate_length);
    X509 *certificate = file ? PEM_read_bio_X509(file, NULL, no_password, NULL) : NULL;
    BIO *key_file = BIO_new_mem_buf(key_pem, key_length);
    EVP_PKEY *key = key_file ? PEM_read_bio_PrivateKey(key_file, NULL, no_password, NULL) : NULL;
    int problem = !certificate ? NO_CERTIFICATE
        : !key ? NO_KEY
        : X509_check_private_key(certificate, key) != 1 ? OTHER_KEY
        : SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1 ? NO_SUCH_KIND
        : 0;
    for (X509 *next; !problem && (next = PEM_read_bio_X509(file, NULL, no_password, NULL)) != NULL;)
        if (SSL_CTX_add_extra_chain_cert(context, next) != 1)
            X509_free(next);
    ERR_clear_error();
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free(key_file);
    BIO_free(file);
    return problem;
}

/* ---- A session ---- */

/* A session with the server of this name or address, which its certificate must have. NULL where there is no memory. */
SSL *proa_tls_open(SSL_CTX *context, const char *server, int is_address)
{
    SSL *session = SSL_new(context);
    BIO *arrived = BIO_new(BIO_s_mem()), *to_send = BIO_new(BIO_s_mem());
    int is_named = session && arrived && to_send
        && (is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), server)
                       : SSL_set1_host(session, server) && SSL_set_tlsext_host_name(session, server));
    if (!is_named) {
        BIO_free(arrived);
        BIO_free(to_send);
        SSL_free(session);
        ERR_clear_error();
        return NULL;
    }
    BIO_set_mem_eof_return(arrived, -1);
    SSL_set_bio(session, arrived, to_send);
    SSL_set_connect_state(session);
    return session;
}

void proa_tls_free(SSL *session) { SSL_free(session); }

/* What has arrived; a length of 0: the connection has ended. Returns 0 where there is no memory. */
int proa_tls_feed(SSL *session, const void *bytes, int length)
{
    BIO *arrived = SSL_get_rbio(session);
    if (length > 0)
        return BIO_write(arrived, bytes, length) == length;
    BIO_set_mem_eof_return(arrived, 0);
    return 1;
}

/* Takes what is to be sent: the number of bytes, 0 where there are none. */
int proa_tls_drain(SSL *session, void *bytes, int size)
{
    int length = BIO_read(SSL_get_wbio(session), bytes, size);
    return length > 0 ? length : 0;
}

static int step(SSL *session, int result)
{
    if (result > 0)
        return result;
    switch (SSL_get_error(session, result)) {
    case SSL_ERROR_WANT_READ: return WANTS_INPUT;
    case SSL_ERROR_ZERO_RETURN: return 0;
    default: return FAILED;
    }
}

/* What a thread has noted is from whatever it did before, for another session perhaps. */
static void begin(void)
{
    ERR_clear_error();
    memset(&refused, 0, sizeof refused);
}

/* 1: done, 0: the server has ended the connection. */
int proa_tls_handshake(SSL *session)
{
    begin();
    return step(session, SSL_do_handshake(session));
}

/* The number of bytes; 0: the server has ended the connection. */
int proa_tls_read(SSL *session, void *bytes, int size)
{
    begin();
    return step(session, SSL_read(session, bytes, size));
}

int proa_tls_write(SSL *session, const void *bytes, int length)
{
    begin();
    return step(session, SSL_write(session, bytes, length));
}

/* Right after the step, on its thread. */
void proa_tls_failure(struct failure *failure)
{
    unsigned long error = ERR_get_error();
    ERR_load_SSL_strings();
    const char *text = refused.verification != X509_V_OK ? X509_verify_cert_error_string(refused.verification) : ERR_reason_error_string(error);
    *failure = refused;
    strncpy(failure->text, text ? text : "unknown error", sizeof failure->text - 1);
    ERR_clear_error();
}
