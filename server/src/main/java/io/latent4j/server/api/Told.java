package io.latent4j.server.api;

import io.latent4j.service.store.StoredJob;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What clients are told of errors and warnings: files by their names, without the folders of the machine that they are in, and
 * addresses of the server in place of commands. The names of folders may have spaces, but not behind the ending of a file, since
 * the next file may begin there.
 */
public final class Told {
    private static final String WORD = "[^/\\\\\\s\"':,;]++";
    private static final Pattern FOLDERS = Pattern.compile("(?<![\\p{Alnum}_.:/\\\\-])(?:/|[A-Za-z]:[\\\\/])(?:" + WORD
            + "(?:(?<!\\.[A-Za-z0-9]{2,11}[)\\]]?) ++" + WORD + ")*+[\\\\/])++");

    /** Where programs find the names of sampling methods, and where clients do. */
    private static final String METHODS_OF_PROGRAMS = "`latent4j schedulers` and Schedulers.names() list all";

    private static final String METHODS_OF_CLIENTS = "/api/models lists all";

    private Told() {}

    /** The text without folders. */
    public static String text(String text) {
        return FOLDERS.matcher(text).replaceAll("").replace(METHODS_OF_PROGRAMS, METHODS_OF_CLIENTS);
    }

    /** The warnings of a job. */
    public static List<String> warnings(StoredJob job) {
        return job.warnings().stream().map(Told::text).toList();
    }
}
