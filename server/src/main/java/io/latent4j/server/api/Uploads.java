package io.latent4j.server.api;

import io.latent4j.core.image.ImageDecoder;
import io.latent4j.service.store.ImageFolder;
import java.awt.Dimension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/** Images that clients send, by the SHA-256 of their bytes. Any number of threads may use it. */
public final class Uploads {
    private final ImageFolder folder;
    private final Limits limits;

    /** @param folder is made when it is first written to */
    public Uploads(Path folder, Limits limits) {
        this.folder = new ImageFolder(folder);
        this.limits = limits;
    }

    /**
     * Keeps an image.
     *
     * @param field of the request that it came in, for errors
     * @return its digest
     * @throws ApiException if it is no image that is read here, or too large
     */
    public String put(byte[] bytes, String field) {
        try {
            String digest = folder.put(bytes);
            Path file = folder.find(digest).orElseThrow();
            try {
                check(file);
                ImageDecoder.decode(file);
                return digest;
            } catch (IOException | IllegalArgumentException e) {
                Files.deleteIfExists(file);
                throw ApiException.invalid(
                        field,
                        "the image in " + field + " cannot be read; expected a whole PNG, JPEG, WebP, GIF or BMP file");
            } catch (ApiException e) {
                Files.deleteIfExists(file);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an image that was sent cannot be kept", e);
        }
    }

    private void check(Path file) throws IOException {
        Dimension size = ImageDecoder.size(file);
        if ((long) size.width * size.height > limits.imagePixels()) {
            throw new ApiException(
                    413,
                    "image_too_large",
                    "an image has " + size.width + "x" + size.height + " pixels; expected at most "
                            + limits.imagePixels() + " in all");
        }
    }

    /** Keeps an image in Base64, alone or as a {@code data:} URL. */
    public String putBase64(String text, String field) {
        String data = text.startsWith("data:") ? text.substring(text.indexOf(',') + 1) : text;
        try {
            return put(Base64.getMimeDecoder().decode(data), field);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid(field, field + " is no Base64; expected an image's bytes in Base64");
        }
    }

    /** The bytes of an image that was sent. */
    public byte[] png(String digest) {
        try {
            return Files.readAllBytes(file(digest, "id"));
        } catch (IOException e) {
            throw new UncheckedIOException("an image that was sent cannot be read", e);
        }
    }

    /**
     * The file of an image that was sent.
     *
     * @throws ApiException if there is none
     */
    public Path file(String digest, String field) {
        if (!ImageFolder.isDigest(digest)) {
            throw ApiException.invalid(
                    field, field + " is no image that was sent; expected the id that the upload answered");
        }
        return folder.find(digest)
                .orElseThrow(() -> ApiException.invalid(
                        field, field + " is an image that is not here; expected one that was sent before"));
    }
}
