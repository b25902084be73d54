package io.latent4j.server;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Certificates and a private key of PEM files, as the key store that TLS wants. */
final class PemKeyStore {
    private static final Logger LOGGER = LoggerFactory.getLogger(PemKeyStore.class);
    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");
    private static final char[] NO_PASSWORD = new char[0];

    private PemKeyStore() {}

    /**
     * Reads the files.
     *
     * @throws IOException if one cannot be read, or is no such file, naming it
     */
    static KeyStore of(ServerOptions.Tls tls) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, NO_PASSWORD);
            store.setKeyEntry("server", key(tls.key()), NO_PASSWORD, certificates(tls.certificates()));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    tls.certificates() + " and " + tls.key() + ": are no certificate and its key: " + e.getMessage(),
                    e);
        }
    }

    private static Certificate[] certificates(Path file) throws IOException {
        try {
            Certificate[] certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)))
                    .toArray(Certificate[]::new);
            if (certificates.length > 0) {
                return certificates;
            }
        } catch (GeneralSecurityException e) {
            throw new IOException(file + ": has no certificate; expected PEM, BEGIN CERTIFICATE", e);
        }
        throw new IOException(file + ": has no certificate; expected PEM, BEGIN CERTIFICATE");
    }

    private static PrivateKey key(Path file) throws IOException {
        Matcher pem = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
        if (pem.find()) {
            byte[] bytes = Base64.getMimeDecoder().decode(pem.group(1));
            for (String algorithm : ALGORITHMS) {
                try {
                    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
                } catch (InvalidKeySpecException e) {
                    LOGGER.debug("{}: is no key of {}", file, algorithm);
                } catch (GeneralSecurityException e) {
                    throw new IOException(file + ": " + e.getMessage(), e);
                }
            }
        }
        throw new IOException(file
                + ": has no private key that is read here; expected PEM, BEGIN PRIVATE KEY (PKCS #8), without a"
                + " password: openssl pkcs8 -topk8 -nocrypt -in KEY -out FILE makes one");
    }
}
