package io.latent4j.server.page;

import com.google.common.hash.Hashing;
import com.google.common.io.Resources;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;

/** One file of the page, read from the class path. */
final class PageFile {
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "svg", "image/svg+xml",
            "json", "application/json");
    private static final int TAG_LETTERS = 32;

    private final byte[] bytes;
    private final String type;
    private final String tag;

    private PageFile(byte[] bytes, String type, String tag) {
        this.bytes = bytes;
        this.type = type;
        this.tag = tag;
    }

    /** @param name of a resource beside this class */
    static PageFile of(String name) {
        String type = Optional.ofNullable(TYPES.get(name.substring(name.lastIndexOf('.') + 1)))
                .orElseThrow(() -> new IllegalStateException("the page's file " + name + " has no content type"));
        try {
            byte[] bytes = Resources.toByteArray(Resources.getResource(PageFile.class, name));
            String digest = Hashing.sha256().hashBytes(bytes).toString();
            return new PageFile(bytes, type, '"' + digest.substring(0, TAG_LETTERS) + '"');
        } catch (IOException e) {
            throw new UncheckedIOException("the page's file " + name + " cannot be read", e);
        }
    }

    InputStream content() {
        return new ByteArrayInputStream(bytes);
    }

    /** The type of its content. */
    String type() {
        return type;
    }

    /** An entity tag of this content and no other. */
    String tag() {
        return tag;
    }
}
