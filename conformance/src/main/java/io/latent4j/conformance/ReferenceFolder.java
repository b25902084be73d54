package io.latent4j.conformance;

import ai.djl.Device;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder of reference numbers: {@code index.json}, which lists the cases, each a JSON sidecar with settings and
 * tolerances beside a safetensors file with inputs and outputs; the models they need; and, whether listed or not, {@code
 * cases/random}, {@code clip-tokenizer}, {@code manifests} and {@code singlefile}.
 *
 * <p>Closing it frees the model of the last case.
 */
public final class ReferenceFolder implements AutoCloseable {
    private final Path root;
    private final Workbench bench;
    private final List<ReferenceCase> cases = new ArrayList<>();

    private ReferenceFolder(Path root, Device device) throws IOException {
        this.root = root;
        this.bench = new Workbench(device);
        Set<String> listed = new HashSet<>();
        Path index = root.resolve("index.json");
        for (JsonElement element : Config.read(index).json().getAsJsonArray("entries")) {
            JsonObject entry = element.getAsJsonObject();
            String sidecar = entry.get("sidecar").getAsString();
            listed.add(sidecar);
            addEntry(entry.get("id").getAsString(), entry.get("kind").getAsString(), sidecar);
        }
        addUnlisted(listed);
    }

    /**
     * Opens a folder and lists its cases; the engine starts with the first case that needs it.
     *
     * @param device runs the cases, in float32
     * @throws IOException if the index or a file it names is missing or damaged
     */
    public static ReferenceFolder open(Path root, Device device) throws IOException {
        return new ReferenceFolder(root, device);
    }

    /** The cases, in the order of the index. */
    public List<ReferenceCase> cases() {
        return List.copyOf(cases);
    }

    /** Arrays that are alive now: those of the model of the last case, if it had one. */
    int managedArrays() {
        return bench.managedArrays();
    }

    private void addUnlisted(Set<String> listed) throws IOException {
        for (Path file : files(root.resolve("cases").resolve("random"), "*.json")) {
            addRandom(name(file), read(file));
        }
        Path clip = root.resolve("clip-tokenizer").resolve("cases.json");
        if (Files.isRegularFile(clip) && !listed.contains(relative(clip))) {
            addTokenizer("clip-tokenizer/cases", relative(clip));
        }
        for (Path model : files(root.resolve("manifests"), "*")) {
            for (Path component : files(model, "*")) {
                if (Files.isRegularFile(component.resolve(ManifestReplay.FILE))) {
                    add(relative(component), "manifest", new ManifestReplay(component));
                }
            }
        }
        Path singleFile = root.resolve("singlefile").resolve("singlefile.json");
        if (Files.isRegularFile(singleFile)) {
            for (var file : read(singleFile).getAsJsonObject("files").entrySet()) {
                String equivalent =
                        file.getValue().getAsJsonObject().get("equivalent_to").getAsString();
                Path path = singleFile.resolveSibling(file.getKey());
                add(
                        "singlefile/" + file.getKey(),
                        "singlefile",
                        (bench, comparison) -> SingleFileReplay.run(path, root, equivalent, bench, comparison));
            }
        }
    }

    private void addEntry(String name, String kind, String sidecar) throws IOException {
        switch (kind) {
            case "random" -> {} // found in its folder
            case "tokenizer" -> addTokenizer(name, sidecar);
            case "scheduler" -> addScheduler(name, sidecar);
            case "timestep_embedding" -> addCase(name, kind, sidecar, TimestepEmbeddingReplay::run);
            case "text_encoder" -> addCase(name, kind, sidecar, TextEncoderReplay::run);
            case "text_encoder_t5" -> addCase(name, kind, sidecar, TransformerTextReplay::t5);
            case "text_encoder_qwen3" -> addCase(name, kind, sidecar, TransformerTextReplay::qwen3);
            case "t5_buckets" -> addCase(name, kind, sidecar, TransformerTextReplay::buckets);
            case "tokenizer_unigram" -> addUnigrams(name, kind, sidecar);
            case "tokenizer_bpe" -> addBytePairs(name, kind, sidecar);
            case "controlnet" -> addCase(name, kind, sidecar, ControlNetReplay::run);
            case "unet" -> addCase(name, kind, sidecar, UnetReplay::run);
            case "transformer_pixart" -> addCase(name, kind, sidecar, TransformerReplay::pixArt);
            case "transformer_sd3" -> addCase(name, kind, sidecar, TransformerReplay::sd3);
            case "transformer_flux" -> addCase(name, kind, sidecar, TransformerReplay::flux);
            case "transformer_z_image" -> addCase(name, kind, sidecar, TransformerReplay::zImage);
            case "transformer_flux2" -> addCase(name, kind, sidecar, TransformerReplay::flux2);
            case "position_tables" -> addCase(name, kind, sidecar, PositionTablesReplay::run);
            case "vae_encode" -> addCase(name, kind, sidecar, VaeReplay::encode);
            case "vae_decode" -> addCase(name, kind, sidecar, VaeReplay::decode);
            case "vae_encode_flux2" -> addCase(name, kind, sidecar, VaeReplay::encodeFlux2);
            case "vae_decode_flux2" -> addCase(name, kind, sidecar, VaeReplay::decodeFlux2);
            case "vae_tiled" -> addCase(name, kind, sidecar, VaeReplay::tiled);
            case "pipeline" -> addCase(name, kind, sidecar, PipelineReplay::run);
            case "pipeline_pixel" -> addCase(name, kind, sidecar, PixelPipelineReplay::run);
            case "lora", "lora_sdxl" -> addCase(name, kind, sidecar, LoraReplay::run);
            case "lora_dit" -> addCase(name, kind, sidecar, TransformerLoraReplay::run);
            case "textual_inversion" -> addCase(name, kind, sidecar, LearnedWordReplay::run);
            case "training_step" -> addCase(name, kind, sidecar, TrainingReplay::step);
            case "optimizer" -> addCase(name, kind, sidecar, TrainingReplay::optimizer);
            case "ema" -> addCase(name, kind, sidecar, TrainingReplay::ema);
            case "vae_training" -> addCase(name, kind, sidecar, TrainingReplay::autoencoder);
            default -> addUnknown(name, kind);
        }
    }

    /** Compares one case with tensors of its own. */
    @FunctionalInterface
    private interface CaseReplay {
        void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException;
    }

    private void addCase(String name, String kind, String sidecar, CaseReplay replay) {
        add(name, kind, (bench, comparison) -> {
            try (CaseFile file = CaseFile.open(root, read(root.resolve(sidecar)), bench)) {
                replay.run(file, bench, comparison);
            }
        });
    }

    private void addRandom(String name, JsonObject json) {
        Path tensors = root.resolve("cases").resolve("random").resolve(name + ".safetensors");
        JsonArray draws = json.getAsJsonArray("entries");
        for (JsonElement element : draws) {
            JsonObject draw = element.getAsJsonObject();
            String key = draw.get("key").getAsString();
            add("random/" + name + "/" + key, "random", new RandomReplay(tensors, draws, draw));
        }
    }

    private void addTokenizer(String name, String sidecar) throws IOException {
        Path file = root.resolve(sidecar);
        JsonObject json = read(file);
        Path folder = json.has("model") && !json.get("model").isJsonNull()
                ? root.resolve(json.get("model").getAsString())
                : file.resolveSibling("");
        int number = 0;
        for (JsonElement row : json.getAsJsonArray("cases")) {
            add(numbered(name, number++), "tokenizer", new TokenizerReplay(folder, row.getAsJsonObject()));
        }
    }

    private void addUnigrams(String name, String kind, String sidecar) throws IOException {
        JsonObject json = read(root.resolve(sidecar));
        Path folder = root.resolve(json.get("model").getAsString());
        List<JsonObject> rows = json.getAsJsonArray("cases").asList().stream()
                .map(JsonElement::getAsJsonObject)
                .toList();
        for (int i = 0; i < rows.size(); i++) {
            JsonObject row = rows.get(i);
            add(numbered(name, i), kind, (bench, comparison) -> PieceReplay.unigram(folder, row, bench, comparison));
        }
        List<String> texts = List.of(text(rows.get(0)), "", text(rows.get(rows.size() - 1)));
        for (var padded : json.getAsJsonObject("padded").entrySet()) {
            for (int i = 0; i < texts.size(); i++) {
                String text = texts.get(i);
                List<Long> ids = TokenizerReplay.ids(
                        padded.getValue().getAsJsonArray().get(i).getAsJsonArray());
                add(
                        name + "/" + padded.getKey() + "/" + i,
                        kind,
                        (bench, comparison) -> PieceReplay.padded(folder, text, ids, comparison));
            }
        }
    }

    private static String text(JsonObject row) {
        return row.get("text").getAsString();
    }

    private void addBytePairs(String name, String kind, String sidecar) throws IOException {
        JsonObject json = read(root.resolve(sidecar));
        Path folder = root.resolve(json.get("model").getAsString());
        JsonObject chat = json.getAsJsonObject("chat");
        add(name + "/chat", kind, (bench, comparison) -> PieceReplay.chats(chat, comparison));
        int number = 0;
        for (JsonElement element : json.getAsJsonArray("cases")) {
            JsonObject row = element.getAsJsonObject();
            add(
                    numbered(name, number++),
                    kind,
                    (bench, comparison) -> PieceReplay.bytePairs(folder, row, bench, comparison));
        }
    }

    private static String numbered(String name, int number) {
        return String.format(Locale.ROOT, "%s/%03d", name, number);
    }

    private void addScheduler(String name, String sidecar) throws IOException {
        JsonObject json = read(root.resolve(sidecar));
        Path tensors = root.resolve(json.get("file").getAsString());
        String className = json.get("scheduler").getAsString();
        for (JsonElement element : json.getAsJsonArray("cases")) {
            JsonObject run = element.getAsJsonObject();
            add(name + "/" + run.get("id").getAsString(), "scheduler", new SchedulerReplay(tensors, className, run));
        }
    }

    private void addUnknown(String name, String kind) {
        add(name, kind, (bench, comparison) -> {
            throw new NotCovered("kind " + kind);
        });
    }

    private void add(String name, String kind, Replay replay) {
        cases.add(new ReferenceCase(name, kind, bench, replay));
    }

    private static JsonObject read(Path file) throws IOException {
        return Config.read(file).json();
    }

    private static List<Path> files(Path folder, String glob) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (var entries = Files.newDirectoryStream(folder, glob)) {
            List<Path> files = new ArrayList<>();
            entries.forEach(files::add);
            return files.stream().sorted().toList();
        }
    }

    private String relative(Path file) {
        return Stream.of(root.relativize(file).toString().split("[/\\\\]", -1))
                .reduce((a, b) -> a + "/" + b)
                .orElse("");
    }

    private static String name(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    @Override
    public void close() {
        bench.close();
    }
}
