package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.nn.WeightType;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.pipeline.AdapterFile;
import io.latent4j.pipeline.AdapterUses;
import io.latent4j.pipeline.ControlNetFolder;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.ManagedArrays;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.XlFolder;
import io.latent4j.pipeline.files.Conversion;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.textencoder.LearnedWord;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models whose weights are stored in 16 bits and that compute in float32: as if the rounded weights were in float32. */
class NarrowWeightsTest {
    private static final Device CPU = Device.cpu();
    private static final Precision NARROW = new Precision(WeightType.FLOAT16, DataType.FLOAT32);
    private static final GenerationRequest REQUEST = new GenerationRequest("a red circle on a white background")
            .withSeed(3)
            .withSteps(2);

    @TempDir
    private static Path folder;

    private static ModelFiles rounded; // the embedded model, of float16

    @BeforeAll
    static void round() throws IOException {
        try (EmbeddedModel model = EmbeddedModel.unpack()) {
            rounded = rounded(model.folder(), StoredType.F16);
        }
    }

    private static ModelFiles rounded(Path model, StoredType type) throws IOException {
        Path target = folder.resolve(model.getFileName() + "-" + type);
        new Conversion(ModelFiles.of(model), Optional.of(type)).toFolder(target, (part, file) -> {});
        return ModelFiles.of(target);
    }

    private static Components load(ModelFiles files, Precision precision) throws IOException {
        return Components.load(files, new Placement(CPU, precision));
    }

    private static BufferedImage image(Components parts) {
        return new TextToImagePipeline(parts).generate(REQUEST).image();
    }

    private static void assertSame(BufferedImage image, BufferedImage expected) {
        assertThat(Differences.largest(image, expected)).isZero();
    }

    private static Stream<NamedBlock> blocks(Components parts) {
        return Stream.concat(
                Stream.of(parts.unet(), parts.vae().block()),
                parts.readers().stream().map(reader -> reader.encoder().block()));
    }

    /** Bytes of the arrays; DJL cannot be asked for the type of bfloat16. */
    private static long bytes(Components parts) {
        return blocks(parts)
                .flatMap(block -> block.arrays().stream())
                .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    @ParameterizedTest
    @EnumSource(
            value = WeightType.class,
            names = {"FLOAT16", "BFLOAT16"})
    void makeTheImageOfTheRoundedModelBitForBit(WeightType type) throws IOException {
        Path xl = XlFolder.write(folder.resolve("xl-" + type));
        ModelFiles files = rounded(xl, type == WeightType.FLOAT16 ? StoredType.F16 : StoredType.BF16);
        try (Components narrow = load(files, new Precision(type, DataType.FLOAT32));
                Components wide = load(files, Precision.FLOAT32);
                NDManager manager = NDManager.newBaseManager()) {
            assertSame(image(narrow), image(wide));
            NDArray pixels =
                    new TorchRandom(1).normal(manager, new Shape(1, 3, 64, 64)).clip(-1, 1);
            assertThat(narrow.codec(Tiling.AUTO).encode(pixels).toFloatArray())
                    .isEqualTo(wide.codec(Tiling.AUTO).encode(pixels).toFloatArray());
        }
    }

    @Test
    void takeHalfTheMemoryAndLeaveNoArrays() throws Exception {
        try (Components narrow = load(rounded, NARROW);
                Components wide = load(rounded, Precision.FLOAT32)) {
            assertThat((double) bytes(narrow) / bytes(wide)).isBetween(0.5, 0.52);
            assertThat(bytes(narrow))
                    .isEqualTo(blocks(narrow)
                            .mapToLong(block -> block.bytes(NARROW))
                            .sum());
            image(narrow); // texts are kept
            long before = bytes(narrow);
            ManagedArrays.staysTheSame(narrow, () -> image(narrow));
            assertThat(bytes(narrow)).isEqualTo(before);
            image(wide);
            assertThat(narrow.manager().getManagedArrays())
                    .hasSize(wide.manager().getManagedArrays().size());
        }
    }

    @Test
    void areOffloadedAsOthersAre() throws IOException {
        try (Components resident = load(rounded, NARROW);
                Components offloaded = Components.load(rounded, new Placement(CPU, NARROW).offloaded())) {
            assertSame(image(offloaded), image(resident));
            assertThat(blocks(offloaded)
                            .flatMap(block -> block.getParameters().values().stream())
                            .noneMatch(parameter -> parameter.isInitialized()))
                    .isTrue();
        }
    }

    @Test
    void takeAdaptersBitForBitAndFuseThemToStoredNumbers() throws IOException {
        Path file = AdapterFile.write(folder.resolve("ink.safetensors"), 1);
        try (Components narrow = load(rounded, NARROW);
                Components wide = load(rounded, Precision.FLOAT32);
                Lora ink = narrow.lora(file);
                Lora same = wide.lora(file)) {
            BufferedImage plain = image(narrow);
            BufferedImage expected = new TextToImagePipeline(wide)
                    .withAdapters(same)
                    .generate(AdapterUses.with(REQUEST, same.at(1)))
                    .image();
            assertSame(
                    new TextToImagePipeline(narrow)
                            .withAdapters(ink)
                            .generate(AdapterUses.with(REQUEST, ink.at(1)))
                            .image(),
                    expected);
            assertThat(Differences.mean(plain, expected)).isPositive();
            long before = bytes(narrow);
            try (LoraFuser fuser = LoraFuser.fuse(List.of(ink.at(1)))) {
                assertThat(Differences.largest(image(narrow), expected)).isLessThanOrEqualTo(3);
                assertThat(bytes(narrow)).isEqualTo(before);
            }
            assertSame(image(narrow), plain);
        }
    }

    /** DoRA asks for the lengths of the layer's own weight. */
    @Test
    void tellAdaptersTheNumbersOfTheirWeights() throws IOException {
        String layer = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_q";
        try (Components narrow = load(rounded, NARROW);
                Components wide = load(rounded, Precision.FLOAT32)) {
            Shape shape = narrow.unet().shapes().get(layer + ".weight");
            TorchRandom random = new TorchRandom(4);
            NDManager manager = narrow.manager();
            String name = "lora_unet_" + layer.replace('.', '_');
            Path file = folder.resolve("dora.safetensors");
            SafeTensors.write(
                    file,
                    Map.of(
                            name + ".lora_down.weight",
                            random.normal(manager, new Shape(2, shape.get(1))),
                            name + ".lora_up.weight",
                            random.normal(manager, new Shape(shape.get(0), 2)),
                            name + ".dora_scale",
                            random.normal(manager, new Shape(shape.get(0), 1))
                                    .abs()
                                    .add(1)),
                    Map.of());
            try (Lora dora = narrow.lora(file);
                    Lora same = wide.lora(file)) {
                assertSame(
                        new TextToImagePipeline(narrow)
                                .withAdapters(dora)
                                .generate(AdapterUses.with(REQUEST, dora.at(1)))
                                .image(),
                        new TextToImagePipeline(wide)
                                .withAdapters(same)
                                .generate(AdapterUses.with(REQUEST, same.at(1)))
                                .image());
            }
        }
    }

    @Test
    void takeControlNetworksAndLearnedWords() throws IOException {
        Path net = ControlNetFolder.write(folder.resolve("control"));
        try (Components narrow = load(rounded, NARROW);
                Components wide = load(rounded, Precision.FLOAT32);
                ControlNet control = narrow.controlNet(net);
                ControlNet full = wide.controlNet(net);
                NDManager manager = NDManager.newBaseManager()) {
            assertThat((double) control.model().bytes(narrow.precision())
                            / full.model().bytes(wide.precision()))
                    .isBetween(0.5, 0.52);
            assertThat(control.model().arrays().get(0).getDataType()).isEqualTo(DataType.FLOAT16);
            NDArray hint = new TorchRandom(2).normal(manager, new Shape(1, 3, 64, 64));
            assertThat(control.hint(hint).sub(full.hint(hint)).abs().max().getFloat())
                    .isBetween(0f, 0.01f);

            int width = narrow.textEncoder().config().width();
            LearnedWord word =
                    LearnedWord.of("moon", Map.of("vectors", new TorchRandom(6).normal(manager, new Shape(2, width))));
            GenerationRequest asked = REQUEST.withPrompt("a moon");
            assertSame(
                    new TextToImagePipeline(narrow.withWords(List.of(word)))
                            .generate(asked)
                            .image(),
                    new TextToImagePipeline(wide.withWords(List.of(word)))
                            .generate(asked)
                            .image());
        }
    }

    @Test
    void autoencodersThatNeedFloat32ComputeInIt() throws IOException {
        try (Components narrow = load(rounded, NARROW);
                Components half = load(rounded, Precision.FLOAT16);
                Components lower = load(rounded, new Precision(WeightType.FLOAT32, DataType.BFLOAT16));
                Components narrowest = load(rounded, Precision.BFLOAT16)) {
            assertThat(narrow.vaePrecision()).isEqualTo(NARROW);
            assertThat(half.vaePrecision()).isEqualTo(Precision.FLOAT32);
            assertThat(lower.vaePrecision()).isEqualTo(lower.precision());
            assertThat(narrowest.vaePrecision()).isEqualTo(Precision.BFLOAT16);
            assertThat(lower.precision()).hasToString("float32/bfloat16");
            assertSame(image(lower), image(narrowest)); // whose weights were rounded before
        }
    }
}
