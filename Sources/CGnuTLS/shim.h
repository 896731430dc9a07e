#ifndef CGNUTLS_SHIM_H
#define CGNUTLS_SHIM_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stddef.h>

// libmicrohttpd speaks TLS by GnuTLS, and does not say what is wrong with a certificate or a key. GnuTLS does.

/// What a certificate and its key fail at.
enum cgnutls_part { CGNUTLS_CERTIFICATE, CGNUTLS_KEY, CGNUTLS_PAIR };

/// Reads a certificate, with the chain that may follow it, and its key, both PEM, and tries them together. Returns 0,
/// or GnuTLS's code and which part it is about.
static inline int cgnutls_check_pair(
    const unsigned char *_Nonnull certificate, size_t certificate_size, const unsigned char *_Nonnull key,
    size_t key_size, enum cgnutls_part *_Nonnull part)
{
    const gnutls_datum_t certificate_pem = {(unsigned char *)certificate, (unsigned int)certificate_size};
    const gnutls_datum_t key_pem = {(unsigned char *)key, (unsigned int)key_size};

    gnutls_x509_crt_t *chain = NULL;
    unsigned int count = 0;
    *part = CGNUTLS_CERTIFICATE;
    int code = gnutls_x509_crt_list_import2(&chain, &count, &certificate_pem, GNUTLS_X509_FMT_PEM, 0);
    if (code < 0)
        return code;
    for (unsigned int index = 0; index < count; index++)
        gnutls_x509_crt_deinit(chain[index]);
    gnutls_free(chain);

    gnutls_privkey_t secret;
    *part = CGNUTLS_KEY;
    code = gnutls_privkey_init(&secret);
    if (code < 0)
        return code;
    code = gnutls_privkey_import_x509_raw(secret, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_privkey_deinit(secret);
    if (code < 0)
        return code;

    gnutls_certificate_credentials_t credentials;
    *part = CGNUTLS_PAIR;
    code = gnutls_certificate_allocate_credentials(&credentials);
    if (code < 0)
        return code;
    code = gnutls_certificate_set_x509_key_mem2(
        credentials, &certificate_pem, &key_pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials(credentials);
    return code < 0 ? code : 0;
}

/// Sends what a session takes without waiting. Called where libmicrohttpd has handed the session over to us, on its
/// thread.
static inline void cgnutls_send(void *_Nonnull session, const void *_Nonnull octets, size_t count)
{
    gnutls_record_send((gnutls_session_t)session, octets, count);
}

#endif
