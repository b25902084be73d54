package io.latent4j.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.pipeline.EmbeddedParts;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.XlFolder;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.request.DenoisingRange;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Weights, changes and chunks in a whole run. */
@ExtendWith(EmbeddedParts.class)
class PromptsTest {
    private static final String RED = "a red circle on a white background";
    private static final String BLUE = "a blue square on a black background";
    private static final GenerationRequest REQUEST =
            new GenerationRequest("").withSeed(0).withSteps(4).withPromptSyntax(PromptSyntax.WEIGHTED);
    private static Components parts;
    private static TextToImagePipeline pipeline;

    @BeforeAll
    static void load(Components embedded) {
        parts = embedded;
        pipeline = new TextToImagePipeline(parts);
    }

    private static GenerationRequest asking(String prompt) {
        return REQUEST.withPrompt(prompt);
    }

    /** What the UNet is told of the prompt at each step. */
    @SuppressWarnings("try")
    private static List<float[]> told(Components parts, GenerationRequest request) {
        try (NDManager manager = parts.manager().newSubManager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Run run = Run.of(request, parts, Attachments.NONE);
            return TextPlan.of(
                            run,
                            run.course().plan(),
                            List.of(run.request().prompt().text()),
                            manager)
                    .steps()
                    .stream()
                    .map(text -> text.positive().context().toFloatArray())
                    .toList();
        }
    }

    private static float[] toldFirst(GenerationRequest request) {
        return told(parts, request).get(0);
    }

    private static float[] latents(GenerationRequest request) {
        try (NDManager manager = parts.manager().newSubManager()) {
            return pipeline.latents(manager, request, NoiseSource.perImage(7, 1), Progress.NONE)
                    .toFloatArray();
        }
    }

    private static float[] joined(float[] one, float[] other) {
        float[] both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    void aPlainTextIsReadTheSameInBothSyntaxesBitForBit() {
        GenerationRequest weighted = asking(RED).withNegativePrompt(BLUE);
        GenerationRequest plain = weighted.withPromptSyntax(PromptSyntax.PLAIN);
        assertThat(toldFirst(weighted)).containsExactly(toldFirst(plain));
        assertThat(latents(weighted)).containsExactly(latents(plain));
        assertThat(latents(asking("(" + RED + ":1)").withNegativePrompt(BLUE))).containsExactly(latents(plain));
    }

    @Test
    void thePlainSyntaxIsWhatTheTextEncoderMakesOfTheText() {
        String text = "a (red:1.4) [circle|square] BREAK";
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray ids = parts.tokenizer().encode(manager, List.of(text));
            float[] expected =
                    parts.textEncoder().forward(Pass.inference(), ids).last().toFloatArray();
            assertThat(toldFirst(new GenerationRequest(text)
                            .withPromptSyntax(PromptSyntax.PLAIN)
                            .withSteps(1)))
                    .containsExactly(expected);
        }
    }

    @Test
    void aWeightPullsTheStatesOfItsWordsAndLeavesTheMean() {
        float[] plain = toldFirst(asking(RED));
        float[] weighted = toldFirst(asking("a (red:1.5) circle on a white background"));
        int width = parts.textEncoder().config().width();
        double rest = weighted[0] / plain[0];
        assertThat(weighted[2 * width] / plain[2 * width]).isCloseTo((float) (1.5 * rest), within(1e-3f));
        assertThat(mean(weighted)).isCloseTo(mean(plain), within(1e-6));
        assertThat(latents(asking("a (red:1.5) circle on a white background"))).isNotEqualTo(latents(asking(RED)));
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    @Test
    void chunksStandSideBySide() {
        float[] both = toldFirst(asking(RED + " BREAK " + BLUE));
        assertThat(both).containsExactly(joined(toldFirst(asking(RED)), toldFirst(asking(BLUE))));
        String many = "red ".repeat(22) + "blue";
        assertThat(toldFirst(asking(many)))
                .containsExactly(joined(toldFirst(asking("red ".repeat(22))), toldFirst(asking("blue"))));
        assertThat(pipeline.generate(asking(many)).warnings()).isEmpty();
    }

    @Test
    void theShorterOfPromptAndNegativePromptIsFollowedByNothing() {
        float[] shorter = toldFirst(asking(RED).withNegativePrompt(BLUE + " BREAK " + BLUE));
        assertThat(shorter).containsExactly(joined(toldFirst(asking(RED)), toldFirst(asking(""))));
    }

    @Test
    void aChangeIsToldAtItsStep() {
        float[] red = toldFirst(asking(RED));
        float[] blue = toldFirst(asking(BLUE));
        assertThat(told(parts, asking("[" + RED + ":" + BLUE + ":0.5]"))).containsExactly(red, red, blue, blue);
        assertThat(told(parts, asking("[" + RED + ":" + BLUE + ":3]"))).containsExactly(red, red, red, blue);
        assertThat(told(parts, asking("[" + RED + "|" + BLUE + "]"))).containsExactly(red, blue, red, blue);
    }

    @Test
    void aChangeAtTheBeginOrTheEndIsAPlainPrompt() {
        float[] red = latents(asking(RED));
        float[] blue = latents(asking(BLUE));
        assertThat(latents(asking("[" + RED + ":" + BLUE + ":0]"))).containsExactly(blue);
        assertThat(latents(asking("[" + RED + ":" + BLUE + ":1.0]"))).containsExactly(red);
        assertThat(latents(asking("[" + RED + "|" + BLUE + "]")))
                .isNotEqualTo(red)
                .isNotEqualTo(blue);
    }

    @Test
    void aMethodThatAsksTwiceAStepIsToldTheSameBothTimes() {
        GenerationRequest heun = asking(RED).withScheduler("heun").withSteps(2);
        assertThat(afterFirstStep(heun.withPrompt("[" + RED + ":" + BLUE + ":1]")))
                .containsExactly(afterFirstStep(heun));
    }

    private static float[] afterFirstStep(GenerationRequest request) {
        List<float[]> latents = new ArrayList<>();
        pipeline.generate(request, event -> latents.add(event.latents().toFloatArray()));
        return latents.get(0);
    }

    @Test
    void aRefinerGoesOnCounting() {
        float[] red = toldFirst(asking(RED));
        float[] blue = toldFirst(asking(BLUE));
        GenerationRequest last =
                asking("[" + RED + ":" + BLUE + ":0.8]").withSteps(10).withRange(new DenoisingRange(0.6, 1));
        Run run = Run.of(last, parts, Attachments.NONE);
        assertThat(run.course().before(run.course().plan())).isEqualTo(6);
        assertThat(told(parts, last.withRange(new DenoisingRange(0.6, 1)))).containsExactly(red, red, blue, blue);
    }

    @Test
    void imageToImageCountsTheStepsItTakes() {
        GenerationRequest half = asking("[" + RED + ":" + BLUE + ":0.5]")
                .withImage(new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB))
                .withStrength(0.5);
        assertThat(told(parts, half)).containsExactly(toldFirst(asking(RED)), toldFirst(asking(BLUE)));
    }

    @Test
    void clipSkipReadsAnEarlierLayer() {
        GenerationRequest request = asking(RED).withPromptSyntax(PromptSyntax.PLAIN);
        int layers = parts.textEncoder().config().layers();
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray ids = parts.tokenizer().encode(manager, List.of(RED));
            float[] expected = ((ClipTextModel) parts.textEncoder())
                    .forward(Pass.inference(), ids, 1)
                    .toFloatArray();
            assertThat(toldFirst(request.withClipSkip(2))).containsExactly(expected);
            assertThat(toldFirst(request)).isNotEqualTo(expected);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> pipeline.generate(request.withClipSkip(layers + 1)))
                .withMessage("clip skip is " + (layers + 1) + "; expected 1 to " + layers + " with this text encoder");
        assertThatIllegalArgumentException().isThrownBy(() -> request.withClipSkip(0));
    }

    @Test
    void theParametersTellHowThePromptWasRead() {
        GenerationRequest request = asking("a (red:1.2) circle").withSteps(1);
        assertThat(parameters(request)).startsWith("a (red:1.2) circle\n").doesNotContain("Clip skip", "syntax");
        assertThat(parameters(request.withClipSkip(2))).contains(", Clip skip: 2, Version");
        GenerationRequest plain = request.withPromptSyntax(PromptSyntax.PLAIN);
        assertThat(parameters(plain)).contains(", Prompt syntax: plain, Version");
        assertThat(parameters(plain.withPrompt("red ".repeat(30)))).contains("Prompt syntax: plain");
        assertThat(parameters(plain.withPrompt(RED))).doesNotContain("syntax");
        assertThat(parameters(plain.withPrompt(RED).withNegativePrompt("[red]")))
                .contains("Prompt syntax: plain");
    }

    private static String parameters(GenerationRequest request) {
        return Stages.of(request, parts, Attachments.NONE).parameters(1);
    }

    @Test
    void twoTextEncodersReadTheSameChunks(@TempDir Path folder) throws IOException {
        try (Components xl = Components.load(XlFolder.write(folder), Device.cpu(), DataType.FLOAT32)) {
            List<Conditioning> one = conditionings(xl, asking("a red circle"));
            List<Conditioning> both = conditionings(xl, asking("a red circle BREAK [(blue:2)|a star] square"));
            long width = 2L * xl.textEncoder().config().width();
            int layers = xl.textEncoder().config().layers();
            assertThat(both.get(0).context().getShape().getShape()).containsExactly(2, 48, width);
            assertThat(both.get(0).context().get("1:, :24"))
                    .isEqualTo(one.get(0).context().get("1:"));
            assertThat(both.get(0).get(Conditioning.POOLED).orElseThrow())
                    .isEqualTo(one.get(0).get(Conditioning.POOLED).orElseThrow());
            assertThat(both.get(0).context().get("0").abs().max().getFloat()).isZero();
            assertThat(both.get(1).context()).isNotEqualTo(both.get(0).context());
            try (NDManager manager = xl.manager().newSubManager()) {
                NDArray ids = xl.tokenizer().encode(manager, List.of("a red circle"));
                List<NDArray> hidden =
                        xl.textEncoder().forward(Pass.inference(), ids).hidden();
                String first = "1:, :, :" + width / 2;
                assertThat(one.get(0).context().get(first)).isEqualTo(hidden.get(layers - 1));
                assertThat(conditionings(xl, asking("a red circle").withClipSkip(2))
                                .get(0)
                                .context()
                                .get(first))
                        .isEqualTo(hidden.get(layers - 2));
            }
            new TextToImagePipeline(xl).generate(asking("a BREAK (b:1.2)").withSteps(1));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Run.of(asking("a").withClipSkip(layers), xl, Attachments.NONE));
        }
    }

    /** What the UNet is told at each step; the arrays live as long as the model. */
    private static List<Conditioning> conditionings(Components parts, GenerationRequest request) {
        Run run = Run.of(request, parts, Attachments.NONE);
        return TextPlan.of(
                        run, run.course().plan(), List.of(run.request().prompt().text()), parts.manager())
                .steps();
    }

    @Test
    void stepsWithTheSameTextsShareWhatIsTold() {
        try (NDManager manager = parts.manager().newSubManager()) {
            Run run =
                    Run.of(asking("[" + RED + "|" + BLUE + "]").withNegativePrompt("[red:2]"), parts, Attachments.NONE);
            List<Conditioning> steps = TextPlan.of(
                            run,
                            run.course().plan(),
                            List.of(run.request().prompt().text()),
                            manager)
                    .steps();
            assertThat(Stream.of(0, 1, 2, 3).map(steps::get).distinct()).hasSize(4);
            Run simple = Run.of(asking("[" + RED + "|" + BLUE + "]"), parts, Attachments.NONE);
            List<Conditioning> two = TextPlan.of(
                            simple,
                            simple.course().plan(),
                            List.of(simple.request().prompt().text()),
                            manager)
                    .steps();
            assertThat(two.get(2)).isSameAs(two.get(0));
            assertThat(two.get(3)).isSameAs(two.get(1));
        }
    }
}
