package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.types.DataType;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Inpainting;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(EmbeddedParts.class)
class ControlTest {
    private static final GenerationRequest REQUEST = new GenerationRequest("a big red circle on a white background")
            .withSeed(0)
            .withSteps(4);

    @TempDir
    private static Path folder;

    private static Components parts;
    private static TextToImagePipeline pipeline;
    private static ControlNet net;
    private static ControlInput control;
    private static BufferedImage alone;

    @BeforeAll
    static void load(Components embedded) throws IOException {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
        net = parts.controlNet(ControlNetFolder.write(folder.resolve("net")));
        pipeline = pipeline.withControlNets(net);
        control = new ControlInput("net", InpaintingTest.mask(64, 64, 10, 20, 30, 20)).withScale(5);
        alone = pipeline.generate(REQUEST).image();
    }

    @AfterAll
    static void close() {
        net.close();
    }

    @Test
    void changesTheImageUnlessItsScaleIsZero() {
        assertThat(Differences.mean(made(control), alone)).isGreaterThan(1);
        assertThat(Differences.largest(made(control.withScale(0)), alone)).isLessThanOrEqualTo(1);
    }

    @Test
    void twoAtHalfTheScaleAreOne() {
        ControlInput half = control.withScale(2.5);
        assertThat(Differences.largest(made(half, half), made(control))).isLessThanOrEqualTo(1);
    }

    @Test
    void steersInItsStepsOnly() {
        assertThat(Differences.largest(made(control.withRange(0.6, 0.7)), alone))
                .isZero(); // which is part of a step
        BufferedImage early = made(control.withRange(0, 0.5));
        assertThat(Differences.mean(early, alone)).isPositive();
        assertThat(Differences.mean(early, made(control))).isPositive();
        assertThat(control.withRange(0.25, 0.75).steers(0, 4)).isFalse();
        assertThat(control.withRange(0.25, 0.75).steers(2, 4)).isTrue();
        assertThat(control.withRange(0.25, 0.75).steers(3, 4)).isFalse();
    }

    @Test
    void guessingLeavesTheNegativeSideAlone() {
        BufferedImage guessed = made(control.withGuess());
        assertThat(Differences.mean(guessed, made(control))).isPositive();
        assertThat(Differences.mean(guessed, alone)).isPositive();
    }

    @Test
    void takesTheSizeOfTheControlImageAndRecordsIt() {
        ControlInput small =
                new ControlInput("net", new BufferedImage(42, 40, BufferedImage.TYPE_INT_RGB)).withScale(0.5);
        Generation generation = pipeline.generate(REQUEST.withControls(List.of(small)));
        assertThat(generation.results().get(0).parameters()).contains("Size: 40x40", "ControlNet: net (0.5)");
        assertThat(generation.warnings()).containsExactly("the control image is 42x40 and is scaled to 40x40");
    }

    /** A network in the layout it was published in, with and without a prefix, steers as the one in the folder does. */
    @Test
    void aSingleFileInTheOriginalLayoutIsTheSameNetwork() throws IOException {
        BufferedImage expected = made(control);
        for (String prefix : List.of("control_model.", "")) {
            Path file =
                    ControlNetFolder.writeOriginal(folder.resolve("net"), folder.resolve("net.safetensors"), prefix);
            try (ControlNet single = parts.controlNet(file)) {
                ControlInput same = new ControlInput("net", InpaintingTest.mask(64, 64, 10, 20, 30, 20)).withScale(5);
                BufferedImage made = pipeline.withControlNets(Map.of("net", single))
                        .generate(REQUEST.withControls(same))
                        .image();
                assertThat(Differences.largest(made, expected)).as(prefix).isZero();
            }
        }
    }

    @Test
    void whatIsNoControlNetworkIsRefused() throws IOException {
        Path keys = folder.resolve("net/diffusion_pytorch_model.safetensors");
        Path alone = Files.copy(
                keys, Files.createDirectories(folder.resolve("alone")).resolve("net.safetensors"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.controlNet(alone))
                .withMessage(alone + ": has the keys of diffusers; expected its config.json beside it, or its folder");
        try (ControlNet beside = parts.controlNet(keys)) {
            assertThat(beside.name()).isEqualTo("diffusion_pytorch_model.safetensors");
        }
        Path other = AdapterFile.write(folder.resolve("adapter.safetensors"), 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.controlNet(other))
                .withMessageStartingWith(other + ": holds no control network; its tensors begin with [lora_te_");
    }

    @Test
    void saysThatItSteersNoStep() {
        assertThat(pipeline.generate(REQUEST.withControls(List.of(control.withRange(0.6, 0.7))))
                        .warnings())
                .containsExactly(
                        "the control net has no effect: no step lies between 0.6 and 0.7 of 4; expected a longer range, or"
                                + " more steps");
        assertThat(pipeline.generate(REQUEST.withControls(
                                List.of(control.withRange(0, 0.5).withGuess())))
                        .results()
                        .get(0)
                        .parameters())
                .contains("ControlNet: net (5 from 0 to 0.5 guess)");
    }

    /** Where a part of the image is worked on, it steers by its own part of that size. */
    @Test
    void isCutAsTheImageIs() {
        BufferedImage image = new BufferedImage(160, 128, BufferedImage.TYPE_INT_RGB);
        Inpainting part = new Inpainting(InpaintingTest.mask(160, 128, 40, 30, 64, 64)).onlyMasked(0);
        BufferedImage edges = InpaintingTest.mask(160, 128, 60, 50, 20, 30);
        BufferedImage cut = edges.getSubimage(40, 30, 64, 64);
        GenerationRequest request = REQUEST.withImage(image).withInpainting(part);
        Generation made = pipeline.generate(request.withControls(List.of(new ControlInput("net", edges).withScale(5))));
        Generation expected = pipeline.generate(REQUEST.withImage(image.getSubimage(40, 30, 64, 64))
                .withMask(InpaintingTest.mask(64, 64, 0, 0, 64, 64))
                .withControls(List.of(new ControlInput("net", cut).withScale(5))));
        assertThat(Differences.largest(made.image().getSubimage(40, 30, 64, 64), expected.image()))
                .isLessThanOrEqualTo(1);
        assertThat(made.warnings()).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(request.withControls(List.of(control))))
                .withMessage(
                        "the control image is 64x64 and the image 160x128; expected one size for both, as a part of"
                                + " the image is worked on");
    }

    @Test
    void leavesNoArraysBehind() throws Exception {
        made(control);
        ManagedArrays.staysTheSame(parts, () -> {
            made(control, control.withGuess());
        });
    }

    @Test
    void refusesNetworksOfOtherModels() throws IOException {
        try (Components other = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() ->
                            new TextToImagePipeline(other).withControlNets(net).generate(REQUEST.withControls(control)))
                    .withMessageContaining("the control network net was loaded for another model");
        }
        Path narrow = ControlNetFolder.write(folder.resolve("narrow"));
        Path config = narrow.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("[8,8,16]", "[8,16]"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> parts.controlNet(narrow))
                .withMessageContaining("narrow");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> control.withRange(0.5, 0.5))
                .withMessageContaining("the denoising range is 0.5 to 0.5; expected a start");
    }

    private static BufferedImage made(ControlInput... controls) {
        return pipeline.generate(REQUEST.withControls(List.of(controls))).image();
    }
}
