package io.latent4j.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model on the hub, as in {@code owner/name}, {@code owner/name@revision} or {@code owner/name/file.safetensors}.
 *
 * @param repository {@code owner/name}
 * @param file the one file meant, in the repository; empty for the model's folder
 * @param revision a branch, tag or commit
 */
public record ModelId(String repository, Optional<String> file, String revision) {
    private static final String MAIN = "main";
    private static final int MOST_SHOWN = 200; // letters of a message
    private static final int LONGEST = 1000; // letters; the pattern's groups take stack for each folder
    private static final Pattern ID =
            Pattern.compile("([\\w-][\\w.-]*/[\\w-][\\w.-]*)((?:/[\\w-][\\w. -]*)+)?(?:@(.+))?");
    private static final Pattern REVISION = Pattern.compile("\\w[\\w.-]*(/[\\w-][\\w.-]*)*");

    public ModelId {
        if (revision.length() > LONGEST || !REVISION.matcher(revision).matches() || revision.contains("..")) {
            throw new IllegalArgumentException(
                    "the revision is \"" + shown(revision) + "\"; expected a branch, a tag or a commit");
        }
        if (!isSafe(repository)) {
            throw new IllegalArgumentException("the model is \"" + shown(repository) + "\"; expected owner/name");
        }
    }

    private static boolean isSafe(String repository) {
        return !repository.contains("..") && !repository.contains("--");
    }

    /** Whether {@code text} could name a model on the hub. */
    public static boolean isId(String text) {
        Matcher matcher = ID.matcher(text);
        return text.length() <= LONGEST && matcher.matches() && isSafe(matcher.group(1));
    }

    /**
     * The model that a text names.
     *
     * @throws IllegalArgumentException if {@code text} is no such name
     */
    public static ModelId parse(String text) {
        Matcher matcher = ID.matcher(text);
        if (text.length() > LONGEST || !matcher.matches()) {
            throw new IllegalArgumentException("the model is \"" + shown(text)
                    + "\"; expected owner/name, owner/name@revision or owner/name/file");
        }
        return new ModelId(
                matcher.group(1),
                Optional.ofNullable(matcher.group(2)).map(file -> file.substring(1)),
                Optional.ofNullable(matcher.group(3)).orElse(MAIN));
    }

    /** The folder of the repository in the cache. */
    String folder() {
        return "models--" + repository.replace("/", "--");
    }

    @Override
    public String toString() {
        return repository + file.map(name -> "/" + name).orElse("") + (revision.equals(MAIN) ? "" : "@" + revision);
    }

    /** A name in one line that is not too long. */
    private static String shown(String name) {
        String cut = name.length() > MOST_SHOWN ? name.substring(0, MOST_SHOWN) + "..." : name;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
