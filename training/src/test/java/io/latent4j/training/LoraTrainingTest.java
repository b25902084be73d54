package io.latent4j.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.lora.TrainableLora;
import io.latent4j.pipeline.model.Components;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.training.config.StartOptions;
import io.latent4j.training.metrics.MetricsFile;
import io.latent4j.training.model.ModelConditioner;
import io.latent4j.training.run.TrainingLoop;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters of the embedded model. */
class LoraTrainingTest {
    private static final String RUN = """
            output: run
            data: {scenes: 6, set_aside: 2, size: 16}
            adapter:
              rank: 4
              text_encoder: {rate_factor: 0.5}
              file: {type: f32}
            training: {steps: 4, batch: 2, rate: 2e-3, log_every: 1, validate_every: 2, checkpoint_every: 2}
            """;

    @TempDir
    private Path folder;

    private LoraTraining open(NDManager manager, List<Double> losses, String... changes) throws IOException {
        return open(manager, new Silent(losses::add), changes);
    }

    private LoraTraining open(NDManager manager, TrainingLoop.Watcher watcher, String... changes) throws IOException {
        Path file = folder.resolve("run.yaml");
        Files.writeString(file, RUN);
        return LoraTraining.open(file, new StartOptions(false, List.of(changes)), manager, watcher);
    }

    /** Has a run stop when it asks for the second time after so many class images, that is within the next one. */
    private static class StopsAfter implements TrainingLoop.Watcher {
        private final int images;
        private final List<Integer> made;
        private int asked;

        /** @param made hears of each class image */
        StopsAfter(int images, List<Integer> made) {
            this.images = images;
            this.made = made;
        }

        @Override
        public void classImage(int done, int count) {
            made.add(done);
        }

        @Override
        public boolean stopping() {
            return made.size() >= images && ++asked > 1;
        }
    }

    @SuppressWarnings("try")
    private static float[] answer(Components parts, Pass pass) {
        try (NDScope scope = new NDScope()) {
            TorchRandom random = new TorchRandom(3);
            NDArray x = random.normal(
                    parts.manager(), new Shape(1, parts.unet().config().inChannels(), 4, 4));
            NDArray ids = parts.tokenizer().encode(parts.manager(), List.of("a red circle"));
            NDArray context = parts.textEncoder().forward(pass, ids).last();
            return parts.unet().forward(pass, UNetInput.of(x, 500, context)).toFloatArray();
        }
    }

    private static Pass applied(Lora lora, Components parts) {
        List<LoraUse> uses = List.of(lora.at(1));
        List<io.latent4j.core.nn.Adapter> all = new ArrayList<>();
        for (LoraPart part : List.of(LoraPart.UNET, LoraPart.TEXT_ENCODER)) {
            all.addAll(LoraUse.adapters(uses, part, parts.manager()));
        }
        return Pass.inference().withAdapters(all);
    }

    private static List<float[]> weights(NamedBlock block) {
        return block.getParameters().values().stream()
                .map(parameter -> parameter.getArray().toFloatArray())
                .toList();
    }

    /** The embedded model's files are of float16, so that nothing is rounded. */
    @Test
    void onWeightsOf16BitsItLearnsTheSameAndOnlyItHasGradients() throws IOException {
        List<Double> losses = new ArrayList<>();
        List<Double> expected = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training = open(manager, losses, "weight_type=float16", "adapter.dora=true");
                LoraTraining wide = open(manager, expected, "output=wide", "adapter.dora=true")) {
            NamedBlock unet = training.parts().unet();
            List<float[]> before = weights(unet);
            training.run();
            wide.run();
            assertThat(unet.getParameters().get("conv_in.weight").getArray().getDataType())
                    .isEqualTo(DataType.FLOAT16);
            assertThat(unet.arrays()).noneMatch(NDArray::hasGradient);
            assertThat(weights(unet)).usingRecursiveComparison().isEqualTo(before);
        }
        assertThat(losses).isNotEmpty().isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"locon, true", "lokr, false"})
    void itsFileDoesWhatWasTrainedAndTheModelStaysAsItIs(String algorithm, boolean dora) throws IOException {
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training = open(
                        manager,
                        losses,
                        "adapter.algorithm=" + algorithm,
                        "adapter.dora=" + dora,
                        "adapter.dropout=0.2",
                        "adapter.text_encoder.train=true")) {
            Components parts = training.parts();
            List<float[]> before = weights(parts.unet());
            float[] plain = answer(parts, Pass.inference());
            Optional<Path> file = training.run();
            float[] trained = answer(
                    parts, Pass.inference().withAdapters(List.of(training.lora().recorded(0, () -> 0))));
            float[] moved = new float[1];
            try (Lora lora = parts.lora(file.orElseThrow())) {
                float[] applied = answer(parts, applied(lora, parts));
                for (int i = 0; i < trained.length; i++) {
                    assertThat(applied[i]).isCloseTo(trained[i], within(2e-5f));
                    moved[0] = Math.max(moved[0], Math.abs(trained[i] - plain[i]));
                }
                assertThat(lora.report().unmatched()).isEmpty();
            }
            assertThat(moved[0]).isGreaterThan(1e-3f);
            List<float[]> after = weights(parts.unet());
            for (int i = 0; i < before.size(); i++) {
                assertThat(Arrays.equals(after.get(i), before.get(i))).isTrue();
            }
            assertThat(parts.unet().getParameters().values())
                    .noneMatch(parameter -> parameter.getArray().hasGradient());
            assertThat(losses).hasSize(4).allMatch(Double::isFinite);
        }
    }

    @Test
    void recomputingChangesNothing() throws IOException {
        List<Double> with = new ArrayList<>();
        List<Double> without = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, with, "adapter.dropout=0.5")) {
                training.run();
            }
            try (LoraTraining training =
                    open(manager, without, "adapter.dropout=0.5", "training.recompute=false", "output=other")) {
                training.run();
            }
        }
        for (int i = 0; i < with.size(); i++) {
            assertThat(without.get(i)).isCloseTo(with.get(i), within(1e-5));
        }
    }

    @Test
    void layersAndFactorsLearnAtRatesOfTheirOwn() throws IOException {
        try (NDManager manager = NDManager.newBaseManager();
                LoraTraining training = open(
                        manager,
                        new ArrayList<>(),
                        "training.steps=1",
                        "training.weight_decay=0",
                        "training.epsilon=1e-20",
                        "adapter.text_encoder.train=true",
                        "adapter.up_rate_factor=4",
                        "adapter.rate_factors={\"*.attn1.to_q\": 0.25}")) {
            Map<String, TrainableLora.Factor> factors = training.lora().factors();
            training.run();
            factors.values().stream().filter(TrainableLora.Factor::isUp).forEach(factor -> {
                // the first step of Adam is the rate, whatever the gradient is
                double part = factor.part() == LoraPart.UNET ? 1 : 0.5;
                double expected = 2e-3 * 4 * part * (factor.layer().endsWith("attn1.to_q") ? 0.25 : 1);
                assertThat((double) factor.array().stopGradient().abs().max().getFloat())
                        .as(factor.layer())
                        .isCloseTo(expected, within(1e-3 * expected));
            });
        }
    }

    @Test
    void refusesRatesOfNothing() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, new ArrayList<>(), "adapter.rate_factors={\"sideways.*\": 2}"))
                    .withMessageContaining("rate_factors sideways.* fits no layer that is trained");
        }
    }

    @Test
    void goesOnWhereItStopped() throws IOException {
        List<Double> whole = new ArrayList<>();
        List<Double> parts = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, whole)) {
                training.run();
            }
            for (int steps : new int[] {2, 4}) {
                try (LoraTraining training = open(manager, parts, "training.steps=" + steps, "output=again/run")) {
                    training.run();
                }
            }
        }
        assertThat(parts).containsExactlyElementsOf(whole);
        assertThat(folder.resolve("again/run/lora.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("run/lora.safetensors"));
    }

    @Test
    void writesWhatARunOfFewerStepsWouldMakeBesideTheLast() throws IOException {
        String[] changes = {"training.save_every=2", "training.ema=0.5", "training.checkpoint_every=3"};
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, new ArrayList<>(), changes)) {
                training.run();
            }
            String[] two = Stream.concat(
                            Stream.of(changes),
                            Stream.of("training.steps=2", "output=two/run")) // header says the steps
                    .toArray(String[]::new);
            try (LoraTraining training = open(manager, new ArrayList<>(), two)) {
                training.run();
            }
            try (SafeTensors early = SafeTensors.open(folder.resolve("run/lora-step-00000002.safetensors"));
                    SafeTensors last = SafeTensors.open(folder.resolve("two/run/lora.safetensors"))) {
                assertThat(early.tensors().keySet())
                        .isEqualTo(last.tensors().keySet())
                        .isNotEmpty();
                for (String name : last.tensors().keySet()) {
                    assertThat(early.read(name, manager)).as(name).isEqualTo(last.read(name, manager));
                }
            }
        }
        assertThat(folder.resolve("run/lora-step-00000004.safetensors")).doesNotExist();
        assertThat(folder.resolve("two/run/lora-step-00000002.safetensors")).doesNotExist();
    }

    @Test
    void goesOnFromAnAdapterThatIsThere() throws IOException {
        try (NDManager manager = NDManager.newBaseManager()) {
            Path first;
            try (LoraTraining training = open(manager, new ArrayList<>())) {
                first = training.run().orElseThrow();
            }
            String from = "adapter.from=run/lora.safetensors";
            try (LoraTraining training = open(manager, new ArrayList<>(), "output=next", from);
                    SafeTensors file = SafeTensors.open(first)) {
                training.lora()
                        .arrays()
                        .forEach((name, array) -> assertThat(array).as(name).isEqualTo(read(file, name, manager)));
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, new ArrayList<>(), "output=other", from, "adapter.rank=8"))
                    .withMessageContaining("lora.safetensors: cannot be gone on from: ")
                    .withMessageContaining("has rank 4, in the run 8");
        }
    }

    @Test
    void goesOnFromACheckpointAndNoMoreFromTheAdapterThatItBeganWith() throws IOException {
        List<String> notes = new ArrayList<>();
        TrainingLoop.Watcher noting = new StopsAfter(Integer.MAX_VALUE, new ArrayList<>()) {
            @Override
            public void note(String text) {
                notes.add(text);
            }
        };
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, noting, "training.steps=2")) {
                training.run();
            }
            assertThatThrownBy(() -> open(manager, noting, "output=new", "adapter.from=gone.safetensors"))
                    .isInstanceOf(IOException.class);
            try (LoraTraining training = open(manager, noting, "adapter.from=gone.safetensors")) {
                assertThat(training.run()).isPresent();
            }
        }
        assertThat(notes)
                .filteredOn(note -> note.contains("adapter.from counts"))
                .containsExactly("going on from the checkpoint; adapter.from counts for a new run only");
    }

    @Test
    void refusesARankOfConvolutionsThatAreNoTargets() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (String key : List.of("conv_rank", "conv_alpha")) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> open(
                                        manager, new ArrayList<>(), "adapter.algorithm=loha", "adapter." + key + "=2")
                                .close())
                        .withMessageContaining(key + " is 2; expected none, as no target is a convolution with a");
            }
        }
    }

    private static NDArray read(SafeTensors file, String name, NDManager manager) {
        try {
            return file.read(name, manager);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void tellsTheModelAnEarlierLayerIfAsked() throws IOException {
        List<Double> own = new ArrayList<>();
        List<Double> earlier = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, own, "training.steps=1")) {
                training.run();
            }
            try (LoraTraining training = open(manager, earlier, "training.steps=1", "output=earlier", "clip_skip=2")) {
                Path file = training.run().orElseThrow();
                Components parts = training.parts();
                NDArray ids = parts.tokenizer().encode(manager, List.of("a red circle"));
                NDArray told = new ModelConditioner(parts, 2)
                        .of(Pass.inference(), manager, List.of("a red circle"))
                        .context();
                assertThat(told)
                        .isEqualTo(((ClipTextModel) parts.textEncoder()).forward(Pass.inference(), ids, 1))
                        .isNotEqualTo(parts.textEncoder()
                                .forward(Pass.inference(), ids)
                                .last());
                try (SafeTensors stored = SafeTensors.open(file)) {
                    assertThat(stored.metadata()).containsEntry("ss_clip_skip", "2");
                }
            }
            assertThat(earlier).isNotEqualTo(own);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, own, "output=none", "clip_skip=9"))
                    .withMessageContaining("clip skip is 9; expected 1 to ");
        }
    }

    @Test
    void keepsAClassByImagesThatTheModelMadeOnce() throws IOException {
        PlainImages.write(folder.resolve("images"), 2, 16);
        String[] changes = {
            "data={folder: images, prompt: a sks circle, set_aside: 0, size: 16}",
            "prior={prompts: [a circle, a star], count: 2, steps: 1, weight: 0.5}",
            "training.steps=1"
        };
        List<Double> losses = new ArrayList<>();
        Path made;
        try (NDManager manager = NDManager.newBaseManager()) {
            try (LoraTraining training = open(manager, losses, changes)) {
                training.run();
            }
            try (Stream<Path> folders = Files.list(folder.resolve("run/class-images"))) {
                made = folders.findFirst().orElseThrow().resolve("000001.png");
            }
            assertThat(made).exists();
            Files.setLastModifiedTime(made, FileTime.fromMillis(1_000_000));
            open(manager, losses, changes).close();
        }
        assertThat(Files.getLastModifiedTime(made).toMillis()).isEqualTo(1_000_000);
        Map<String, String> figures =
                MetricsFile.read(folder.resolve("run/metrics.csv")).get(0);
        double expected = Double.parseDouble(figures.get("simple")) + 0.5 * Double.parseDouble(figures.get("prior"));
        assertThat(Double.parseDouble(figures.get("loss"))).isCloseTo(expected, within(1e-5));
    }

    @Test
    void makesTheClassImagesThatAStopLeftOutAndNoOther() throws IOException {
        PlainImages.write(folder.resolve("images"), 2, 16);
        String[] changes = {
            "data={folder: images, prompt: a sks circle, set_aside: 0, size: 16}",
            "prior={prompts: [a circle, a star], count: 3, steps: 2}",
        };
        List<Integer> made = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> open(manager, new StopsAfter(1, made), changes))
                    .isInstanceOf(CancellationException.class);
            assertThat(made).containsExactly(1);
            Path first = classImages("run").resolve("000000.png");
            assertThat(first.resolveSibling("000001.png")).doesNotExist();
            Files.setLastModifiedTime(first, FileTime.fromMillis(1_000_000));
            open(manager, new StopsAfter(Integer.MAX_VALUE, made), changes).close();
            assertThat(made).containsExactly(1, 2, 3);
            assertThat(Files.getLastModifiedTime(first).toMillis()).isEqualTo(1_000_000);
            assertThat(Files.readString(first.resolveSibling("000001.txt"))).isEqualTo("a star\n");
            List<String> whole = new ArrayList<>(List.of(changes));
            whole.add("output=whole");
            open(manager, new StopsAfter(Integer.MAX_VALUE, made), whole.toArray(String[]::new))
                    .close();
            for (String name : List.of("000000.png", "000001.png", "000002.png")) {
                assertThat(classImages("run").resolve(name))
                        .hasSameBinaryContentAs(classImages("whole").resolve(name));
            }
        }
    }

    private Path classImages(String run) throws IOException {
        try (Stream<Path> folders = Files.list(folder.resolve(run).resolve("class-images"))) {
            return folders.findFirst().orElseThrow();
        }
    }

    @Test
    void keepsAClassByImagesOfTheUsersOwn() throws IOException {
        PlainImages.write(folder.resolve("images"), 2, 16);
        PlainImages.write(folder.resolve("circles"), 3, 16);
        String data = "data={folder: images, prompt: a sks circle, set_aside: 0, size: 16}";
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThatThrownBy(() -> open(manager, losses, data, "prior={folder: circles}"))
                    .hasMessageContaining("circles: has no image with a caption");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(manager, losses, data, "prior={folder: circles, prompts: [a, b]}"))
                    .withMessageContaining("prior: prompts are [a, b]; expected one with a folder");
            String prior = "prior={folder: circles, prompts: [a circle]}";
            try (LoraTraining training = open(manager, losses, data, prior, "training.steps=1")) {
                training.run();
            }
        }
        assertThat(losses).hasSize(1).allMatch(Double::isFinite);
        assertThat(MetricsFile.read(folder.resolve("run/metrics.csv")).get(0)).containsKey("prior");
        assertThat(folder.resolve("run/class-images")).doesNotExist();
    }
}
