package io.latent4j.textencoder;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the tests' models and expected values are. */
final class TestModels {
    private TestModels() {}

    /** A file or folder among this module's test resources. */
    static Path resource(String name) {
        try {
            return Path.of(TestModels.class.getResource("/" + name).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The folder of reference data; a test that asks for it is skipped where none is given. */
    static Path reference() {
        String folder = System.getProperty("reference", "");
        assumeFalse(folder.isEmpty(), "needs -Dreference=<folder of reference data>");
        return Path.of(System.getProperty("latent4j.root", "..")).resolve(folder);
    }

    static JsonObject json(Path file) {
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
