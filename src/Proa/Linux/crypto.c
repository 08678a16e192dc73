/*
 * What of OpenSSL's algorithms is linked in: what TLS 1.2 and 1.3 with an API server may take, and reading certificates and keys. OpenSSL's own
 * default provider, whose place this one takes, names every algorithm that there is, and so do its tables of engines and of names that are
 * older than providers: 0.7 MB, and one look at each whenever a kind of algorithm is first asked for.
 *
 * The libraries are Debian's, as they are: of what they have inside, only the names of the algorithms' functions are used here, which do not
 * change within OpenSSL 3.0. One that goes missing fails the link.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* EC_METHOD */
#include <openssl/bio.h>
#include <openssl/core.h>
#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#define PROVIDER "provider=default"

/* ---- Each algorithm: its names, and OpenSSL's functions ---- */

#define DIGESTS(_) \
    _("SHA1:SHA-1:SSL3-SHA1:1.3.14.3.2.26", sha1) \
    _("SHA2-224:SHA-224:SHA224:2.16.840.1.101.3.4.2.4", sha224) \
    _("SHA2-256:SHA-256:SHA256:2.16.840.1.101.3.4.2.1", sha256) \
    _("SHA2-384:SHA-384:SHA384:2.16.840.1.101.3.4.2.2", sha384) \
    _("SHA2-512:SHA-512:SHA512:2.16.840.1.101.3.4.2.3", sha512)

/* ECB and CTR are for the random numbers. */
#define CIPHERS(_) \
    _("NULL", null) \
    _("AES-256-ECB:2.16.840.1.101.3.4.1.41", aes256ecb) \
    _("AES-256-CTR", aes256ctr) \
    _("AES-256-CBC:AES256:2.16.840.1.101.3.4.1.42", aes256cbc) \
    _("AES-128-CBC:AES128:2.16.840.1.101.3.4.1.2", aes128cbc) \
    _("AES-256-GCM:id-aes256-GCM:2.16.840.1.101.3.4.1.46", aes256gcm) \
    _("AES-128-GCM:id-aes128-GCM:2.16.840.1.101.3.4.1.6", aes128gcm) \
    _("ChaCha20", chacha20) \
    _("ChaCha20-Poly1305", chacha20_ossl_poly1305)

#define MACS(_) _("HMAC", hmac)

#define KEY_DERIVATIONS(_) \
    _("HKDF", kdf_hkdf) \
    _("TLS13-KDF", kdf_tls1_3_kdf) \
    _("TLS1-PRF", kdf_tls1_prf)

#define RANDOM_NUMBERS(_) \
    _("CTR-DRBG", drbg_ctr) \
    _("SEED-SRC", seed_src)

/* HMAC is a kind of key too, in TLS 1.2 with CBC. */
#define KEYS(_) \
    _("RSA:rsaEncryption:1.2.840.113549.1.1.1", rsa) \
    _("RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", rsapss) \
    _("EC:id-ecPublicKey:1.2.840.10045.2.1", ec) \
    _("X25519:1.3.101.110", x25519) \
    _("ED25519:1.3.101.112", ed25519) \
    _("HMAC", mac_legacy)

#define KEY_EXCHANGES(_) \
    _("ECDH", ecdh) \
    _("X25519:1.3.101.110", x25519)

#define SIGNATURES(_) \
    _("RSA:rsaEncryption:1.2.840.113549.1.1.1", rsa) \
    _("ECDSA", ecdsa) \
    _("ED25519:1.3.101.112", ed25519) \
    _("HMAC", mac_legacy_hmac)

#define ENCRYPTIONS(_) _("RSA:rsaEncryption:1.2.840.113549.1.1.1", rsa)

/* Keys, from and to DER. */
#define KEY_FORMS(_) \
    _("RSA:rsaEncryption:1.2.840.113549.1.1.1", PrivateKeyInfo, rsa) \
    _("RSA:rsaEncryption:1.2.840.113549.1.1.1", SubjectPublicKeyInfo, rsa) \
    _("RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", PrivateKeyInfo, rsapss) \
    _("RSA-PSS:RSASSA-PSS:1.2.840.113549.1.1.10", SubjectPublicKeyInfo, rsapss) \
    _("EC:id-ecPublicKey:1.2.840.10045.2.1", PrivateKeyInfo, ec) \
    _("EC:id-ecPublicKey:1.2.840.10045.2.1", SubjectPublicKeyInfo, ec) \
    _("X25519:1.3.101.110", SubjectPublicKeyInfo, x25519) \
    _("ED25519:1.3.101.112", PrivateKeyInfo, ed25519) \
    _("ED25519:1.3.101.112", SubjectPublicKeyInfo, ed25519)

/* ---- The tables that OpenSSL asks for ---- */

#define DECLARE(functions) extern const OSSL_DISPATCH ossl_##functions##_functions[];
#define ENTRY(names, properties, functions) { names, properties, ossl_##functions##_functions, NULL },

#define PLAIN(names, name) ENTRY(names, PROVIDER, name)
#define DECLARE_PLAIN(names, name) DECLARE(name)
#define DECLARE_KEY(names, name) DECLARE(name##_keymgmt)
#define KEY(names, name) ENTRY(names, PROVIDER, name##_keymgmt)
#define DECLARE_EXCHANGE(names, name) DECLARE(name##_keyexch)
#define EXCHANGE(names, name) ENTRY(names, PROVIDER, name##_keyexch)
#define DECLARE_SIGNATURE(names, name) DECLARE(name##_signature)
#define SIGNATURE(names, name) ENTRY(names, PROVIDER, name##_signature)
#define DECLARE_ENCRYPTION(names, name) DECLARE(name##_asym_cipher)
#define ENCRYPTION(names, name) ENTRY(names, PROVIDER, name##_asym_cipher)
#define DECLARE_DECODER(names, form, name) DECLARE(form##_der_to_##name##_decoder)
#define DECODER(names, form, name) ENTRY(names, PROVIDER ",input=der,structure=" #form, form##_der_to_##name##_decoder)
#define DECLARE_ENCODER(names, form, name) DECLARE(name##_to_##form##_der_encoder)
#define ENCODER(names, form, name) ENTRY(names, PROVIDER ",output=der,structure=" #form, name##_to_##form##_der_encoder)

DIGESTS(DECLARE_PLAIN)
CIPHERS(DECLARE_PLAIN)
MACS(DECLARE_PLAIN)
KEY_DERIVATIONS(DECLARE_PLAIN)
RANDOM_NUMBERS(DECLARE_PLAIN)
KEYS(DECLARE_KEY)
KEY_EXCHANGES(DECLARE_EXCHANGE)
SIGNATURES(DECLARE_SIGNATURE)
ENCRYPTIONS(DECLARE_ENCRYPTION)
KEY_FORMS(DECLARE_DECODER)
KEY_FORMS(DECLARE_ENCODER)

#define TABLE(name, entries) static const OSSL_ALGORITHM name[] = { entries { NULL, NULL, NULL, NULL } };

TABLE(digests, DIGESTS(PLAIN))
TABLE(ciphers, CIPHERS(PLAIN))
TABLE(macs, MACS(PLAIN))
TABLE(key_derivations, KEY_DERIVATIONS(PLAIN))
TABLE(random_numbers, RANDOM_NUMBERS(PLAIN))
TABLE(keys, KEYS(KEY))
TABLE(key_exchanges, KEY_EXCHANGES(EXCHANGE))
TABLE(signatures, SIGNATURES(SIGNATURE))
TABLE(encryptions, ENCRYPTIONS(ENCRYPTION))
TABLE(decoders, KEY_FORMS(DECODER))
TABLE(encoders, KEY_FORMS(ENCODER))

static const OSSL_ALGORITHM *algorithms(void *provider, int operation, int *must_not_be_kept)
{
    (void)provider;
    *must_not_be_kept = 0;
    switch (operation) {
    case OSSL_OP_DIGEST: return digests;
    case OSSL_OP_CIPHER: return ciphers;
    case OSSL_OP_MAC: return macs;
    case OSSL_OP_KDF: return key_derivations;
    case OSSL_OP_RAND: return random_numbers;
    case OSSL_OP_KEYMGMT: return keys;
    case OSSL_OP_KEYEXCH: return key_exchanges;
    case OSSL_OP_SIGNATURE: return signatures;
    case OSSL_OP_ASYM_CIPHER: return encryptions;
    case OSSL_OP_DECODER: return decoders;
    case OSSL_OP_ENCODER: return encoders;
    default: return NULL;
    }
}

/* ---- The provider ---- */

/* What the library has for its own providers. */
typedef struct context context;
BIO_METHOD *ossl_bio_prov_init_bio_method(void);
int ossl_prov_bio_from_dispatch(const OSSL_DISPATCH *core);
int ossl_prov_seeding_from_dispatch(const OSSL_DISPATCH *core);
context *ossl_prov_ctx_new(void);
void ossl_prov_ctx_free(context *provider);
void ossl_prov_ctx_set0_libctx(context *provider, OSSL_LIB_CTX *library);
void ossl_prov_ctx_set0_handle(context *provider, const OSSL_CORE_HANDLE *handle);
void ossl_prov_ctx_set0_core_bio_method(context *provider, BIO_METHOD *method);
BIO_METHOD *ossl_prov_ctx_get0_core_bio_method(context *provider);
int ossl_prov_get_capabilities(void *provider, const char *capability, OSSL_CALLBACK *callback, void *argument);

static void end(void *provider)
{
    BIO_meth_free(ossl_prov_ctx_get0_core_bio_method(provider));
    ossl_prov_ctx_free(provider);
}

static const OSSL_DISPATCH functions[] = {
    { OSSL_FUNC_PROVIDER_TEARDOWN, (void (*)(void))end },
    { OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))algorithms },
    { OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))ossl_prov_get_capabilities },
    { 0, NULL },
};

int ossl_default_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **out, void **provider);

int ossl_default_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **out, void **provider)
{
    if (!ossl_prov_bio_from_dispatch(core) || !ossl_prov_seeding_from_dispatch(core))
        return 0;
    OSSL_FUNC_core_get_libctx_fn *library = NULL;
    for (; core->function_id != 0; core++)
        if (core->function_id == OSSL_FUNC_CORE_GET_LIBCTX)
            library = OSSL_FUNC_core_get_libctx(core);

    context *made = library ? ossl_prov_ctx_new() : NULL;
    BIO_METHOD *input = made ? ossl_bio_prov_init_bio_method() : NULL; /* through which keys are read */
    if (!input) {
        ossl_prov_ctx_free(made);
        return 0;
    }
    ossl_prov_ctx_set0_libctx(made, (OSSL_LIB_CTX *)library(handle));
    ossl_prov_ctx_set0_handle(made, handle);
    ossl_prov_ctx_set0_core_bio_method(made, input);
    *provider = made;
    *out = functions;
    return 1;
}

/* The other built-in one, which has but encoders and decoders; it is not asked for. */
int ossl_base_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **out, void **provider);

int ossl_base_provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **out, void **provider)
{
    (void)handle;
    (void)core;
    (void)out;
    (void)provider;
    return 0;
}

/* ---- What is older than providers: engines, and tables of every cipher and digest ---- */

void openssl_add_all_ciphers_int(void);
void openssl_add_all_digests_int(void);
void engine_load_padlock_int(void);
void engine_load_dynamic_int(void);
void engine_load_afalg_int(void);
void ENGINE_load_builtin_engines(void);

void openssl_add_all_ciphers_int(void) {}

/* A certificate's signature is still verified by the digest's name in that table. */
void openssl_add_all_digests_int(void)
{
    EVP_add_digest(EVP_sha1());
    EVP_add_digest(EVP_sha224());
    EVP_add_digest(EVP_sha256());
    EVP_add_digest(EVP_sha384());
    EVP_add_digest(EVP_sha512());
}

void engine_load_padlock_int(void) {}
void engine_load_dynamic_int(void) {}
void engine_load_afalg_int(void) {}
void ENGINE_load_builtin_engines(void) {}

/* ---- A client for HTTP, for a certificate that is named by its address: nothing is fetched. The linker puts this in its place. ---- */

BIO *__wrap_OSSL_HTTP_get(void);

BIO *__wrap_OSSL_HTTP_get(void) { return NULL; }

/*
 * ---- Arithmetic that no algorithm above comes to, 0.1 MB: of P-224, of P-256 beside the assembler's, and of Curve 448 ----
 *
 * OpenSSL names it wherever it frees a curve's tables or knows a kind of key. What would be asked of it fails.
 */

const EC_METHOD *EC_GFp_nistp224_method(void) { return EC_GFp_mont_method(); }
const EC_METHOD *EC_GFp_nistp256_method(void) { return EC_GFp_mont_method(); }

void *EC_nistp224_pre_comp_dup(void *none);
void *EC_nistp256_pre_comp_dup(void *none);
void EC_nistp224_pre_comp_free(void *none);
void EC_nistp256_pre_comp_free(void *none);

void *EC_nistp224_pre_comp_dup(void *none) { return none; }
void *EC_nistp256_pre_comp_dup(void *none) { return none; }
void EC_nistp224_pre_comp_free(void *none) { (void)none; }
void EC_nistp256_pre_comp_free(void *none) { (void)none; }

int ossl_ed448_public_from_private(void);
int ossl_ed448_sign(void);
int ossl_ed448_verify(void);
int ossl_x448(void);
void ossl_x448_public_from_private(unsigned char *key);

int ossl_ed448_public_from_private(void) { return 0; }
int ossl_ed448_sign(void) { return 0; }
int ossl_ed448_verify(void) { return 0; }
int ossl_x448(void) { return 0; }
void ossl_x448_public_from_private(unsigned char *key) { OPENSSL_cleanse(key, 56); }
