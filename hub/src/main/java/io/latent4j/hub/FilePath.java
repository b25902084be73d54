package io.latent4j.hub;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Which names the hub may give to files: they lead into the cache, and every system can have them. */
final class FilePath {
    private static final Pattern NAME = Pattern.compile("[^/\\\\:*?\"<>|\\p{Cc}]+");
    private static final Pattern RESERVED = Pattern.compile("(?i)(con|prn|aux|nul|com\\d|lpt\\d)(\\..*)?");
    private static final Pattern ETAG = Pattern.compile("[0-9A-Za-z][0-9A-Za-z.-]{0,127}");
    private static final int MOST_BYTES_OF_NAME = 255;
    private static final int MOST_NAMES = 64;

    private FilePath() {}

    /** Whether a path of a repository leads to a place within it. */
    static boolean isSafe(String path) {
        String[] names = path.split("/", MOST_NAMES + 1);
        return names.length <= MOST_NAMES && Arrays.stream(names).allMatch(FilePath::isName);
    }

    private static boolean isName(String name) {
        return NAME.matcher(name).matches()
                && !name.equals(".")
                && !name.equals("..")
                && !name.endsWith(" ")
                && !(name.endsWith(".") && name.length() > 1)
                && !RESERVED.matcher(name).matches()
                && name.getBytes(StandardCharsets.UTF_8).length <= MOST_BYTES_OF_NAME;
    }

    /** Whether an ETag can be the name of a file's bytes, and is not that of a part of other bytes. */
    static boolean isEtag(String etag) {
        return ETAG.matcher(etag).matches() && isName(etag) && !etag.endsWith(HubCache.INCOMPLETE);
    }
}
