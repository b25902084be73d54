package io.latent4j.hub;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.hub.HubException.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which files of a repository a model in the layout of diffusers needs: settings, tokenizers, and each weight once. */
final class Selection {
    static final String INDEX = "model_index.json";

    /** Parts that generation does not use. */
    private static final Set<String> UNUSED = Set.of("safety_checker", "feature_extractor", "image_encoder");

    private static final Pattern SETTINGS = Pattern.compile("[^/]*\\.json|merges\\.txt");
    private static final Pattern WEIGHT_INDEX = Pattern.compile(".*\\.index(\\.\\w+)?\\.json");
    private static final Pattern COUNT = Pattern.compile("-\\d{5}-of-(\\d{5})");
    private static final String SHARD = "-\\d{5}-of-\\d{5}";

    private final ModelId model;
    private final List<String> files;
    private final Optional<String> variant;
    private final boolean orPlain;

    /** @param orPlain whether other weights are taken where there are none of the variant */
    Selection(ModelId model, List<String> files, Optional<String> variant, boolean orPlain) {
        this.model = model;
        this.files = files;
        this.variant = variant;
        this.orPlain = orPlain;
    }

    /**
     * The files, the smallest kinds first.
     *
     * @param index what {@link #INDEX} holds
     * @throws HubException if a part has no weights, naming what there is
     */
    List<String> of(JsonObject index) throws HubException {
        List<String> settings = new ArrayList<>();
        List<String> weights = new ArrayList<>();
        for (Map.Entry<String, JsonElement> entry : index.entrySet()) {
            if (!isPart(entry)) {
                continue;
            }
            String folder = entry.getKey() + "/";
            List<String> names = names(folder);
            settings(names).forEach(name -> settings.add(folder + name));
            boolean heavy =
                    !entry.getKey().startsWith("tokenizer") && !entry.getKey().equals("scheduler");
            if (heavy) {
                weights(folder, names).forEach(name -> weights.add(folder + name));
            }
        }
        settings.addAll(weights);
        return settings;
    }

    /** The files of one part in {@code folder}, which ends with a slash or is empty. */
    List<String> ofPart(String folder) throws HubException {
        List<String> names = names(folder);
        return Stream.concat(settings(names).stream(), weights(folder, names).stream())
                .map(name -> folder + name)
                .toList();
    }

    private List<String> names(String folder) {
        return files.stream()
                .filter(file -> file.startsWith(folder))
                .map(file -> file.substring(folder.length()))
                .filter(name -> !name.contains("/"))
                .toList();
    }

    private static List<String> settings(List<String> names) {
        return names.stream()
                .filter(name -> SETTINGS.matcher(name).matches()
                        && !WEIGHT_INDEX.matcher(name).matches())
                .toList();
    }

    private static boolean isPart(Map.Entry<String, JsonElement> entry) {
        return entry.getValue() instanceof JsonArray array
                && array.size() == 2
                && !array.get(0).isJsonNull()
                && !UNUSED.contains(entry.getKey());
    }

    private List<String> weights(String folder, List<String> names) throws HubException {
        List<List<String>> choices = new ArrayList<>();
        variant.ifPresent(name -> choices.add(List.of("\\." + Pattern.quote(name))));
        if (variant.isEmpty() || orPlain) {
            choices.add(List.of("", "\\.fp16"));
        }
        for (List<String> kinds : choices) {
            for (String extension : List.of("safetensors", "bin")) {
                for (String kind : kinds) {
                    List<String> found = kind(names, kind, extension);
                    if (!found.isEmpty()) {
                        return found;
                    }
                }
            }
        }
        throw new HubException(
                Reason.REFUSED,
                model + ": has no weights"
                        + variant.map(name -> " of the variant " + name).orElse("") + " in " + folder + "; found "
                        + names
                        + "; expected .safetensors or .bin files; name the variant that is there, or another revision");
    }

    /** Whether there are as many shards as each says, which a cache need not have. */
    private static boolean isComplete(List<String> names) {
        long shards = names.stream().filter(name -> !name.endsWith(".json")).count();
        return names.stream()
                .map(COUNT::matcher)
                .filter(Matcher::find)
                .allMatch(count -> Integer.parseInt(count.group(1)) <= shards);
    }

    /** One file, or an index and its shards. */
    private static List<String> kind(List<String> names, String variant, String extension) {
        String stem = "(diffusion_pytorch_model|model|pytorch_model)";
        Pattern whole = Pattern.compile(stem + variant + "\\." + extension);
        List<String> one =
                names.stream().filter(name -> whole.matcher(name).matches()).toList();
        if (!one.isEmpty()) {
            return one.subList(0, 1);
        }
        Pattern shards = Pattern.compile(stem + "(" + variant + SHARD + "|" + SHARD + variant + ")\\." + extension + "|"
                + stem + "\\." + extension + "\\.index" + variant + "\\.json" + "|" + stem + variant + "\\." + extension
                + "\\.index\\.json");
        List<String> several =
                names.stream().filter(name -> shards.matcher(name).matches()).toList();
        boolean indexed = several.stream().anyMatch(name -> name.endsWith(".json"));
        return indexed && several.size() > 1 && isComplete(several) ? several : List.of();
    }
}
