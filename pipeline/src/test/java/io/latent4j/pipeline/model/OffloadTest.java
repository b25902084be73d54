package io.latent4j.pipeline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.pipeline.AdapterFile;
import io.latent4j.pipeline.AdapterUses;
import io.latent4j.pipeline.Differences;
import io.latent4j.pipeline.Generation;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.request.GenerationRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose parts are in memory only while they are used. */
class OffloadTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a red circle on a white background")
            .withSeed(0)
            .withSteps(2);
    private static final Placement OFFLOADED = new Placement(Device.cpu(), DataType.FLOAT32).offloaded();

    @TempDir
    private static Path folder;

    private static EmbeddedModel model;
    private static Components resident;
    private static Components offloaded;

    @BeforeAll
    static void load() throws IOException {
        model = EmbeddedModel.unpack();
        resident = Components.load(model.folder(), Device.cpu(), DataType.FLOAT32);
        offloaded = Components.load(ModelFiles.of(model.folder()), OFFLOADED);
    }

    @AfterAll
    static void close() throws IOException {
        offloaded.close();
        resident.close();
        model.close();
    }

    private static boolean anyInMemory() {
        return offloaded.unet().getParameters().values().stream().anyMatch(p -> p.isInitialized())
                || offloaded.vae().block().getParameters().values().stream().anyMatch(p -> p.isInitialized())
                || offloaded.textEncoder().block().getParameters().values().stream()
                        .anyMatch(p -> p.isInitialized());
    }

    @Test
    void makesTheSameImageAndFreesWhatItUsed() {
        int before = offloaded.manager().getManagedArrays().size()
                - offloaded.texts().size();
        assertThat(anyInMemory()).isFalse();

        BufferedImage image = new TextToImagePipeline(offloaded)
                .generate(REQUEST, event -> {
                    assertThat(offloaded.unet().getParameters().valueAt(0).isInitialized())
                            .isTrue();
                    assertThat(offloaded
                                    .textEncoder()
                                    .block()
                                    .getParameters()
                                    .valueAt(0)
                                    .isInitialized())
                            .isFalse();
                    assertThat(event.preview().get()).hasSize(1);
                })
                .image();

        assertThat(Differences.largest(
                        image,
                        new TextToImagePipeline(resident).generate(REQUEST).image()))
                .isZero();
        assertThat(anyInMemory()).isFalse();
        assertThat(offloaded.manager().getManagedArrays())
                .hasSize(before + offloaded.texts().size());
    }

    /** Their files are gone by then. */
    @Test
    void textsThatAreKnownNeedNoEncoders() throws IOException {
        Path copy = folder.resolve("known");
        copy(model.folder(), copy);
        try (Components parts = Components.load(ModelFiles.of(copy), OFFLOADED)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            BufferedImage first = pipeline.generate(REQUEST).image();
            Files.delete(copy.resolve("text_encoder/model.safetensors"));
            assertThat(Differences.largest(pipeline.generate(REQUEST).image(), first))
                    .isZero();
            assertThatThrownBy(() -> pipeline.generate(REQUEST.withPrompt("a star")))
                    .isInstanceOf(UncheckedIOException.class);
        }
    }

    @Test
    void fusedAdaptersAreReadAnewAndForgotten() throws IOException {
        TextToImagePipeline pipeline = new TextToImagePipeline(offloaded);
        BufferedImage plain = pipeline.generate(REQUEST).image();
        Path file = AdapterFile.write(folder.resolve("fused.safetensors"), 1);
        try (Lora lora = offloaded.lora(file)) {
            BufferedImage adapted = pipeline.withAdapters(lora)
                    .generate(AdapterUses.with(REQUEST, lora.at(1)))
                    .image();
            try (WeightLease texts = offloaded.use(ModelPart.TEXT_ENCODERS);
                    WeightLease unet = offloaded.use(ModelPart.DENOISER);
                    LoraFuser fuser = LoraFuser.fuse(List.of(lora.at(1)))) {
                assertThat(Differences.largest(pipeline.generate(REQUEST).image(), adapted))
                        .isLessThanOrEqualTo(1);
            }
        }
        assertThat(Differences.mean(pipeline.generate(REQUEST).image(), plain)).isZero();
    }

    @Test
    void anInterruptWhileWeightsAreReadCancels() {
        TextToImagePipeline pipeline = new TextToImagePipeline(offloaded);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> offloaded.use(ModelPart.DENOISER)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(anyInMemory()).isFalse();
        assertThat(pipeline.generate(REQUEST).images()).hasSize(1);
    }

    @Test
    void concurrentRequestsShareWhatIsInMemory() throws Exception {
        TextToImagePipeline pipeline = new TextToImagePipeline(offloaded);
        TextToImagePipeline expected = new TextToImagePipeline(resident);
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Future<Generation>> runs = List.of(
                    threads.submit(() -> pipeline.generate(REQUEST.withSeed(1).withSteps(1))),
                    threads.submit(() -> pipeline.generate(REQUEST.withSeed(2).withSteps(3))),
                    threads.submit(() -> pipeline.generate(REQUEST.withSeed(3).withSteps(2))));
            for (int i = 0; i < 3; i++) {
                GenerationRequest request = REQUEST.withSeed(1 + i).withSteps(new int[] {1, 3, 2}[i]);
                assertThat(Differences.largest(
                                runs.get(i).get().image(),
                                expected.generate(request).image()))
                        .isLessThanOrEqualTo(1);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(anyInMemory()).isFalse();
    }

    @Test
    void adaptersApplyAsEver() throws IOException {
        Path file = AdapterFile.write(folder.resolve("ink.safetensors"), 1);
        try (Lora here = offloaded.lora(file);
                Lora there = resident.lora(file)) {
            BufferedImage adapted = new TextToImagePipeline(offloaded)
                    .withAdapters(here)
                    .generate(AdapterUses.with(REQUEST, here.at(0.8)))
                    .image();
            assertThat(Differences.largest(
                            adapted,
                            new TextToImagePipeline(resident)
                                    .withAdapters(there)
                                    .generate(AdapterUses.with(REQUEST, there.at(0.8)))
                                    .image()))
                    .isZero();
        }
    }

    @Test
    void freesWhatItUsedWhenARunFails() {
        TextToImagePipeline pipeline = new TextToImagePipeline(offloaded);
        assertThatThrownBy(() -> pipeline.generate(REQUEST, event -> {
                    throw new IllegalStateException("enough");
                }))
                .hasMessage("enough");
        assertThat(anyInMemory()).isFalse();
    }

    @Test
    void weightsThatDoNotFitAreRefusedAtOnce() throws IOException {
        Path broken = folder.resolve("broken");
        copy(model.folder(), broken);
        Path vae = broken.resolve("vae").resolve("diffusion_pytorch_model.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray stray = manager.ones(new Shape(1));
            SafeTensors.write(vae, Map.of("stray", stray), Map.of());
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Components.load(ModelFiles.of(broken), OFFLOADED))
                .withMessageContaining("does not fit AutoencoderKL (157 keys): missing encoder.conv_in.weight");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path file : all.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
