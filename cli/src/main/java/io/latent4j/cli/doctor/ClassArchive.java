package io.latent4j.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Java's archive of the program's classes, by which it starts faster: whether there is one, and whether Java took it. It
 * takes none of another jar or another Java, and says nothing.
 */
final class ClassArchive {
    private static final String OPTION = "-XX:SharedArchiveFile=";
    private static final Path MAPS = Path.of("/proc/self/maps");

    private ClassArchive() {}

    /**
     * What is to be said of it.
     *
     * @param options of the Java that runs
     */
    static String state(List<String> options) {
        return options.stream()
                .filter(option -> option.startsWith(OPTION))
                .reduce((first, last) -> last)
                .map(option -> state(option.substring(OPTION.length()), MAPS))
                .orElse("none is given");
    }

    /** @param maps where Linux lists the files that a process has in its memory */
    static String state(String archive, Path maps) {
        if (!Files.exists(maps)) {
            return archive + " is given";
        }
        try (Stream<String> lines = Files.lines(maps)) {
            return lines.anyMatch(line -> line.endsWith(archive))
                    ? archive + " is in use"
                    : archive
                            + " is not in use, as it is of another Java or another latent4j.jar; delete it, and the script"
                            + " latent4j makes it anew";
        } catch (IOException e) {
            return archive + " is given";
        }
    }
}
