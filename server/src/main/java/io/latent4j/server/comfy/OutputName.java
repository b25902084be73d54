package io.latent4j.server.comfy;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Names of finished images for clients: a prefix, and the digest by which the image is found. */
final class OutputName {
    private static final Pattern NAME = Pattern.compile("(?:[A-Za-z0-9.-]|_)*_([0-9a-f]{64})\\.png");
    private static final Pattern OTHER = Pattern.compile("[^A-Za-z0-9_.-]+");
    private static final int LONGEST = 60;

    private OutputName() {}

    /** The name of an image; what is no letter of a plain file name becomes a line. */
    static String of(String prefix, String digest) {
        String plain = OTHER.matcher(prefix).replaceAll("_");
        return plain.substring(0, Math.min(LONGEST, plain.length())) + "_" + digest + ".png";
    }

    /** The digest in a name. */
    static Optional<String> digest(String name) {
        Matcher matcher = NAME.matcher(name.length() > 200 ? "" : name);
        return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
    }
}
