package io.latent4j.lora;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What PEFT says about the scale of its factors outside the tensors: in the header's {@code lora_adapter_metadata}, whose
 * keys begin with the part of the model, or in an {@code adapter_config.json} beside the file.
 */
final class PeftSettings {
    static final String METADATA = "lora_adapter_metadata";

    private final Optional<Config> settings;

    private PeftSettings(Optional<Config> settings) {
        this.settings = settings;
    }

    /** @throws IOException if there are settings that cannot be read */
    static PeftSettings of(Path file, Map<String, String> metadata) throws IOException {
        if (metadata.containsKey(METADATA)) {
            try {
                JsonObject json = JsonParser.parseString(metadata.get(METADATA)).getAsJsonObject();
                return new PeftSettings(Optional.of(Config.of(file + ": " + METADATA, json)));
            } catch (JsonParseException | IllegalStateException e) {
                throw new IOException(file + ": the header's " + METADATA + " is not a JSON object; expected one", e);
            }
        }
        Path beside = file.resolveSibling("adapter_config.json");
        boolean peft = file.getFileName().toString().startsWith("adapter_model") && Files.isRegularFile(beside);
        return new PeftSettings(peft ? Optional.of(Config.read(beside)) : Optional.empty());
    }

    /** What alpha is for a layer, as the file calls it; empty where nothing is said. */
    OptionalDouble alpha(String layer) {
        return settings.map(json -> alpha(json, layer)).orElse(OptionalDouble.empty());
    }

    private static OptionalDouble alpha(Config json, String layer) {
        String prefix = prefix(json, layer);
        Optional<Config> patterns = json.object(prefix + "alpha_pattern");
        Optional<String> pattern = patterns.stream()
                .flatMap(each -> each.keys().stream())
                .filter(each -> layer.equals(each) || layer.endsWith("." + each))
                .max(Comparator.comparingInt(String::length));
        if (pattern.isPresent()) {
            return OptionalDouble.of(patterns.get().real(pattern.get()));
        }
        return json.has(prefix + "lora_alpha")
                ? OptionalDouble.of(json.real(prefix + "lora_alpha"))
                : OptionalDouble.empty();
    }

    /** Whether alpha is divided by the root of the rank, not by the rank (<a href="https://arxiv.org/abs/2312.03732">Kalajdzievski 2023</a>). */
    boolean rankStabilized(String layer) {
        return settings.map(json -> json.flag(prefix(json, layer) + "use_rslora", false))
                .orElse(false);
    }

    private static String prefix(Config json, String layer) {
        String part = layer.substring(0, layer.indexOf('.') + 1);
        return json.keys().stream().anyMatch(key -> !part.isEmpty() && key.startsWith(part)) ? part : "";
    }
}
