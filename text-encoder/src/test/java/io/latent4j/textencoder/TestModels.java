package io.latent4j.textencoder;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.Maps;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the tests' models are, and how they are loaded. */
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
        return Path.of(folder);
    }

    static JsonObject json(Path file) {
        try {
            return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ClipTextConfig config(Path folder) {
        return ClipTextConfig.from(json(folder.resolve("config.json")), "text_encoder/config.json");
    }

    /** The model of a {@code text_encoder} folder, with its weights on {@code manager}. */
    static ClipTextModel model(Path folder, NDManager manager) throws IOException {
        ClipTextModel model = new ClipTextModel(config(folder));
        TestTensors weights = TestTensors.read(folder.resolve("model.safetensors"));
        model.load(
                "model.safetensors",
                Maps.filterKeys(weights.shapes(), key -> !ClipTextModel.isPositionIds(key)),
                key -> weights.array(manager, key));
        return model;
    }
}
