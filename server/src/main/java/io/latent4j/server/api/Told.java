package io.latent4j.server.api;

import java.util.regex.Pattern;

/**
 * What clients are told of errors and warnings: files by their names, without the folders of the machine that they are in. Of a
 * folder whose name has a space, what is behind the space stays.
 */
public final class Told {
    private static final Pattern FOLDERS =
            Pattern.compile("(?<![\\p{Alnum}_.:/\\\\-])(?:/|[A-Za-z]:[\\\\/])(?:[^/\\\\\\s\"':,;]++[\\\\/])++");

    private Told() {}

    /** The text without folders. */
    public static String text(String text) {
        return FOLDERS.matcher(text).replaceAll("");
    }
}
