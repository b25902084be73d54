package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A draw from PyTorch's CPU generator: a numbered one after those with lower numbers and the same seed, any other from a
 * fresh generator. Errors are in units in the last place.
 */
record RandomReplay(Path tensors, JsonArray draws, JsonObject draw) implements Replay {
    private static final double UNITS = 1;

    @Override
    public void run(Workbench bench, Comparison comparison) throws IOException {
        TorchRandom random = new TorchRandom(draw.get("seed").getAsLong());
        before().forEach(earlier -> random.normal(size(earlier)));
        float[] got = uniform() ? random.uniform(size(draw)) : random.normal(size(draw));
        String key = draw.get("key").getAsString();
        try (SafeTensors file = SafeTensors.open(tensors);
                NDManager manager = bench.newManager();
                NDArray expected = file.read(key, manager)) {
            compare(key, got, expected.toFloatArray(), comparison);
        }
    }

    private List<JsonObject> before() {
        if (!draw.has("call")) {
            return List.of();
        }
        return StreamSupport.stream(draws.spliterator(), false)
                .map(JsonElement::getAsJsonObject)
                .filter(other -> other.has("call") && other.get("seed").equals(draw.get("seed")))
                .filter(other -> call(other) < call(draw))
                .sorted(Comparator.comparingInt(RandomReplay::call))
                .toList();
    }

    private static int call(JsonObject draw) {
        return draw.get("call").getAsInt();
    }

    private static int size(JsonObject draw) {
        return draw.getAsJsonArray("shape").asList().stream()
                .mapToInt(JsonElement::getAsInt)
                .reduce(1, Math::multiplyExact);
    }

    /** Whether the numbers are evenly distributed and not normally. */
    private boolean uniform() {
        return draw.get("key").getAsString().endsWith(".uniform");
    }

    private static void compare(String key, float[] got, float[] expected, Comparison comparison) {
        if (got.length != expected.length) {
            throw new IllegalStateException(key + " has " + expected.length + " numbers; its shape has " + got.length);
        }
        for (int i = 0; i < got.length; i++) {
            comparison.error("units in the last place", Math.abs(got[i] - expected[i]) / Math.ulp(expected[i]), UNITS);
        }
    }
}
