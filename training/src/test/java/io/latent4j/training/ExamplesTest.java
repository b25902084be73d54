package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.training.config.RunPlan;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The run files that {@link TrainingKind#example} gives. */
class ExamplesTest {
    /** Sections whose keys are another format's, that of a model's own files, or the user's. */
    private static final List<String> OTHERS = List.of(
            "model.config", "unet.config", "text_encoder.config", "scheduler", "model_index", "adapter.rate_factors");

    /** What makes the examples small enough for a test. */
    private static final Map<TrainingKind, List<String>> SMALL = ImmutableMap.of(
            TrainingKind.AUTOENCODER,
            List.of("data.size=16", "model.config.block_out_channels=[8, 8, 8]", "training.ema=0.5"),
            TrainingKind.TEXT_TO_IMAGE,
            List.of(
                    "data.size=16",
                    "unet.config.sample_size=4",
                    "unet.config.block_out_channels=[16, 16, 16]",
                    "text_encoder.config.num_hidden_layers=1",
                    "samples.steps=2",
                    "training.ema=0.5"),
            TrainingKind.DDPM,
            List.of(
                    "data.size=16",
                    "unet.config.block_out_channels=[16, 16, 16]",
                    "samples.steps=2",
                    "samples.count=8",
                    "training.ema=0.5"),
            TrainingKind.LORA,
            List.of("model=text-to-image/model", "data.size=16", "samples.steps=2", "training.ema=0.5"),
            TrainingKind.TEXTUAL_INVERSION,
            List.of(
                    "model=text-to-image/model",
                    "data.size=16",
                    "data.folder=null",
                    "data.prompt=null",
                    "words.tokens=[circle]",
                    "samples.steps=2",
                    "training.ema=0.5"));

    /** What stands beside a run's result. */
    private static final Map<TrainingKind, String> MADE = ImmutableMap.of(
            TrainingKind.AUTOENCODER, "vae-step-00000002",
            TrainingKind.TEXT_TO_IMAGE, "model-step-00000002",
            TrainingKind.DDPM, "model-step-00000002",
            TrainingKind.LORA, "lora-step-00000002.safetensors",
            TrainingKind.TEXTUAL_INVERSION, "words-step-00000002");

    private static final List<String> SHORT = List.of(
            "data.scenes=12",
            "data.set_aside=3",
            "training.steps=4",
            "training.warmup=1",
            "training.batch=2",
            "training.log_every=1",
            "training.validate_every=2",
            "training.checkpoint_every=2",
            "training.save_every=2",
            "training.sample_every=4");

    @TempDir
    private Path folder;

    @Test
    void nameEveryKeyThatIsReadAndNoOther() throws IOException {
        Files.createDirectories(folder.resolve("images")); // which an example names
        for (TrainingKind kind : TrainingKind.values()) {
            write(kind);
            Config file = RunPlan.file(folder.resolve(kind + ".yaml"), StartOptions.DEFAULT);
            if (kind == TrainingKind.TEXT_TO_IMAGE) {
                run(TrainingKind.AUTOENCODER); // whose config it reads
            }
            read(kind, file);
            assertThat(keys(kind.example())).as(kind.toString()).isEqualTo(withoutOthers(file.known()));
        }
    }

    private static void read(TrainingKind kind, Config file) throws IOException {
        switch (kind) {
            case AUTOENCODER -> AutoencoderPlan.read(file, false);
            case TEXT_TO_IMAGE -> TextToImagePlan.read(file, false);
            case DDPM -> DdpmPlan.read(file, false);
            case LORA -> LoraPlan.read(file, false);
            case TEXTUAL_INVERSION -> TextualInversionPlan.read(file, false);
        }
    }

    @Test
    void leadFromScenesToAnImage() throws IOException {
        for (TrainingKind kind : TrainingKind.values()) {
            write(kind);
        }
        assertThat(run(TrainingKind.AUTOENCODER)).contains(folder.resolve("autoencoder/vae"));
        assertThat(run(TrainingKind.TEXT_TO_IMAGE)).contains(folder.resolve("text-to-image/model"));
        assertThat(run(TrainingKind.DDPM)).contains(folder.resolve("ddpm/model"));
        assertThat(run(TrainingKind.LORA)).contains(folder.resolve("lora/lora.safetensors"));
        assertThat(run(TrainingKind.TEXTUAL_INVERSION)).contains(folder.resolve("textual-inversion/words"));
        for (TrainingKind kind : TrainingKind.values()) {
            Path run = folder.resolve(kind.toString());
            assertThat(run.resolve("loss.png")).exists();
            assertThat(run.resolve(MADE.get(kind))).exists();
            assertThat(MetricsFile.read(run.resolve("metrics.csv"))).hasSize(4);
            assertThat(names(run.resolve("samples"))).containsExactly("step-00000004.png");
            BufferedImage samples =
                    ImageIO.read(run.resolve("samples/step-00000004.png").toFile());
            assertThat(samples.getWidth()).isGreaterThan(2 * 160);
        }
        try (Components parts =
                Components.load(folder.resolve("text-to-image/model"), Device.cpu(), DataType.FLOAT32)) {
            assertThat(parts.defaults().steps()).isEqualTo(25);
            GenerationRequest request = new GenerationRequest("a red circle on a white background")
                    .withSeed(0)
                    .withSteps(2);
            assertThat(new TextToImagePipeline(parts).generate(request).image().getWidth())
                    .isEqualTo(16);
        }
    }

    private void write(TrainingKind kind) throws IOException {
        Files.writeString(folder.resolve(kind + ".yaml"), kind.example());
    }

    private static List<String> changes(TrainingKind kind) {
        return Stream.concat(SMALL.get(kind).stream(), SHORT.stream()).toList();
    }

    private Optional<Path> run(TrainingKind kind) throws IOException {
        Path file = folder.resolve(kind + ".yaml");
        try (NDManager manager = NDManager.newBaseManager();
                Training training =
                        kind.open(file, new StartOptions(false, changes(kind)), manager, new Silent(loss -> {}))) {
            return training.run();
        }
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** Also those that are commented out. */
    private static Set<String> keys(String example) {
        String all = Splitter.on('\n').splitToList(example).stream()
                .map(line -> line.replaceFirst("^(\\s*)#([a-z_0-9]+:)", "$1$2"))
                .collect(Collectors.joining("\n"));
        Set<String> keys = new TreeSet<>();
        collect("", Config.parseYaml("example", Path.of(""), all).json(), keys);
        return withoutOthers(keys);
    }

    private static void collect(String before, JsonObject json, Set<String> keys) {
        for (Map.Entry<String, JsonElement> entry : json.asMap().entrySet()) {
            keys.add(before + entry.getKey());
            if (entry.getValue().isJsonObject()) {
                collect(before + entry.getKey() + ".", entry.getValue().getAsJsonObject(), keys);
            }
        }
    }

    private static Set<String> withoutOthers(Set<String> keys) {
        return keys.stream()
                .filter(key -> OTHERS.stream().noneMatch(other -> key.startsWith(other + ".")))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
