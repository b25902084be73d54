package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No code outside a family asks for it: its classes, its names in files, and what its network alone takes. */
class FamiliesStayApartTest {
    private static final Pattern XL =
            Pattern.compile("StableDiffusionXl|StableDiffusionXL|isXl\\b|boolean xl\\b|\\btextTime\\(\\)|TEXT_TIME");

    private static final String FAMILY = "pipeline/src/main/java/io/latent4j/pipeline/model/sdxl/";
    private static final String NETWORK = "unet/src/main/java/io/latent4j/unet/"; // where textTime is a setting

    /** Reference cases are chosen by the class of the pipeline that made them. */
    private static final String REFERENCE_CASES =
            "conformance/src/main/java/io/latent4j/conformance/PipelineReplay.java";

    @Test
    void nothingAsksForStableDiffusionXlOutsideItsFamily() throws IOException {
        Path root = Path.of(System.getProperty("latent4j.root", ".."))
                .toAbsolutePath()
                .normalize();
        List<String> found = new ArrayList<>();
        int files = 0;
        try (Stream<Path> modules = Files.list(root)) {
            for (Path sources : modules.map(module -> module.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList()) {
                try (Stream<Path> all = Files.walk(sources)) {
                    for (Path file : all.filter(path -> path.toString().endsWith(".java"))
                            .toList()) {
                        files++;
                        String name = root.relativize(file).toString().replace('\\', '/');
                        List<String> lines = Files.readAllLines(file);
                        for (int i = 0; i < lines.size(); i++) {
                            if (XL.matcher(lines.get(i)).find()) {
                                found.add(name + ":" + (i + 1));
                            }
                        }
                    }
                }
            }
        }

        assertThat(files).isGreaterThan(500);
        assertThat(found).anyMatch(place -> place.startsWith(FAMILY));
        assertThat(found)
                .filteredOn(place ->
                        !place.startsWith(FAMILY) && !place.startsWith(NETWORK) && !place.startsWith(REFERENCE_CASES))
                .isEmpty();
    }
}
