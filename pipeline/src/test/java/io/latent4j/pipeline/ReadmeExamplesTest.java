package io.latent4j.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import io.latent4j.core.docs.JavaBlocks;
import io.latent4j.core.image.Images;
import io.latent4j.core.image.PngFile;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.random.NoiseSource;
import io.latent4j.core.random.TorchRandom;
import io.latent4j.lora.Lora;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.EmbeddedModel;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.schedulers.Denoiser;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Prediction;
import io.latent4j.schedulers.SamplerState;
import io.latent4j.schedulers.Scheduler;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.ClipTokenizer;
import io.latent4j.textencoder.LearnedWords;
import io.latent4j.textencoder.TokenBatch;
import io.latent4j.textencoder.Tokens;
import io.latent4j.textencoder.qwen.ChatTemplate;
import io.latent4j.textencoder.qwen.Qwen3TextModel;
import io.latent4j.textencoder.qwen.QwenTokenizer;
import io.latent4j.textencoder.t5.T5EncoderModel;
import io.latent4j.textencoder.t5.T5Tokenizer;
import io.latent4j.transformer.flux.FluxInput;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import io.latent4j.vae.AutoencoderKL;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Runs what README.md, docs/java.md and docs/modules.md show: each Java block stands in this file, word for word. */
class ReadmeExamplesTest {
    private static final List<Path> PAGES =
            List.of(Path.of("..", "README.md"), Path.of("..", "docs", "java.md"), Path.of("..", "docs", "modules.md"));
    private static final Path SOURCE = Path.of("src/test/java/io/latent4j/pipeline/ReadmeExamplesTest.java");
    private static EmbeddedModel embedded;
    private static Path model;

    @TempDir
    private Path folder;

    @BeforeAll
    static void unpack() throws IOException {
        embedded = EmbeddedModel.unpack();
        model = embedded.folder();
    }

    @AfterAll
    static void delete() throws IOException {
        embedded.close();
    }

    @TestFactory
    List<DynamicTest> everyJavaBlockOfThePagesIsInThisFile() throws IOException {
        return JavaBlocks.standIn(SOURCE, 6, PAGES);
    }

    @Test
    void makesAnImage() throws IOException {
        Path file = folder.resolve("star.png");
        // README
        try (Components parts = Components.load(model)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            GenerationRequest request = new GenerationRequest("a big yellow star on a black background")
                    .withSteps(20)
                    .withSeed(42);
            Generation generation = pipeline.generate(
                    request, event -> System.out.println("step " + event.step() + " of " + event.steps()));
            generation.warnings().forEach(System.err::println);
            ImageIO.write(generation.image(), "png", file.toFile());
        }
        // end
        BufferedImage image = ImageIO.read(file.toFile());
        assertThat(image.getWidth()).isEqualTo(64);
        assertThat(image.getRGB(32, 32) & 255).as("blue in the star's middle").isLessThan(120);
        assertThat(image.getRGB(32, 32) >> 16 & 255).as("red there").isGreaterThan(180);
    }

    @Test
    void writesHowAnImageWasMade() throws IOException {
        Path file = folder.resolve("star.png");
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32)) {
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            GenerationRequest request =
                    new GenerationRequest("a star").withSeed(0).withSteps(2);
            // README
            GeneratedImage result = pipeline.generate(request).results().get(0);
            PngFile.write(file, result.image(), Map.of("parameters", result.parameters()));
            // end
        }
        assertThat(PngFile.readText(file).get("parameters")).startsWith("a star\nSteps: 2, Sampler: DDIM");
    }

    @Test
    void appliesAnAdapter() throws IOException {
        Path file = folder.resolve("circle.png");
        Path adapter = AdapterFile.write(folder.resolve("ink.safetensors"), 1);
        // README
        try (Components parts = Components.load(model);
                Lora ink = parts.lora(adapter)) {
            GenerationRequest request = new GenerationRequest("a red circle on a white background")
                    .withAdapters(new AdapterUse("ink", 0.8));
            Generation generation =
                    new TextToImagePipeline(parts).withAdapters(ink).generate(request);
            ImageIO.write(generation.image(), "png", file.toFile());
        }
        // end
        assertThat(ImageIO.read(file.toFile()).getWidth()).isEqualTo(64);
    }

    @Test
    void codesImages() throws IOException {
        BufferedImage image = new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(250, 250, 250));
        graphics.fillRect(0, 0, 64, 64);
        graphics.setColor(new Color(220, 40, 40));
        graphics.fillOval(20, 20, 24, 24);
        graphics.dispose();
        BufferedImage decoded;
        // README
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            AutoencoderKL vae = AutoencoderKL.load(model.resolve("vae"), manager, Precision.FLOAT32);
            NDArray pixels = Images.toArray(manager, image); // (1, 3, 64, 64) in [-1, 1]
            NDArray latents = vae.encode(Pass.inference(), pixels).mode(); // (1, 4, 16, 16)
            decoded = Images.of(vae.decode(Pass.inference(), latents)).get(0);
        }
        // end
        assertThat(Differences.mean(decoded, image)).isLessThan(6);
    }

    @Test
    void embedsTexts() throws IOException {
        float[] cosines;
        // README
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ClipTokenizer tokenizer = ClipTokenizer.read(model.resolve("tokenizer"))) {
            ClipTextModel encoder = ClipTextModel.load(model.resolve("text_encoder"), manager, Precision.FLOAT32);
            NDArray ids = tokenizer.encode(manager, List.of("a red circle", "a big red circle", "a blue star"));
            NDArray texts = encoder.forward(Pass.inference(), ids).pooled(); // (3, 128)
            NDArray unit = texts.div(texts.norm(new int[] {1}, true));
            cosines = unit.matMul(unit.transpose()).toFloatArray(); // of each text with each
        }
        // end
        assertThat(cosines).hasSize(9);
        assertThat(cosines[0]).isBetween(0.999f, 1.001f);
        assertThat(cosines[1]).as("red circles alike").isGreaterThan(cosines[2]);
    }

    @Test
    void denoisesByATransformerInALoopOfItsOwn() throws IOException {
        Path flux = Path.of("../transformer/src/test/resources/reference/models/flux-dev-tiny");
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            NDArray context = new TorchRandom(1).normal(manager, new Shape(1, 5, 64));
            NDArray pooled = new TorchRandom(2).normal(manager, new Shape(1, 24));
            // README
            FluxTransformer2DModel transformer =
                    FluxTransformer2DModel.load(flux.resolve("transformer"), manager, Precision.FLOAT32);
            double[] sigmas = {1, 0.75, 0.5, 0.25, 0}; // the noise's share before and after each step
            NDArray x = new TorchRandom(42).normal(manager, new Shape(1, 8 * 8, 64)); // 8×8 tokens, each of 2×2 latents
            for (int i = 0; i < 4; i++) { // Euler's method
                FluxInput input = FluxInput.of(x, sigmas[i], context, pooled, 8, 8, OptionalDouble.of(3.5));
                NDArray velocity = transformer.forward(Pass.inference(), input);
                x = x.add(velocity.mul(sigmas[i + 1] - sigmas[i]));
            }
            // end
            NDArray noise = new TorchRandom(42).normal(manager, new Shape(1, 8 * 8, 64));
            NDArray first = transformer.forward(
                    Pass.inference(), FluxInput.of(noise, 1, context, pooled, 8, 8, OptionalDouble.of(3.5)));
            assertThat(x.getShape()).isEqualTo(noise.getShape());
            // Velocities along the way resemble the first, so that the end is near where one step of it leads.
            float off = x.sub(noise.sub(first)).norm().getFloat();
            assertThat(off).isBetween(1e-3f, first.norm().getFloat());
        }
    }

    @Test
    void readsAPromptAsT5Does() throws IOException {
        Path t5 = Path.of("../text-encoder/src/test/resources/t5-tiny");
        String prompt = "a pale lantern drifts over the mossy canal at dawn, ink drawing";
        float[] context;
        // README
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                T5Tokenizer tokenizer = T5Tokenizer.read(t5.resolve("tokenizer"), 256)) {
            T5EncoderModel encoder = T5EncoderModel.load(t5.resolve("text_encoder"), manager, Precision.FLOAT32);
            Tokens tokens = tokenizer.encode(prompt);
            tokens.cut().ifPresent(rest -> System.err.println("does not fit and is left out: " + rest));
            NDArray ids = manager.create(tokens.toArray(), new Shape(1, 256));
            NDArray states = encoder.last(Pass.inference(), TokenBatch.of(ids)); // (1, 256, 64): padding counts
            context = states.toFloatArray();
        }
        // end
        assertThat(context).hasSize(256 * 64);
        assertThat(context[0]).isFinite();
    }

    @Test
    void readsAPromptAsQwenDoes() throws IOException {
        Path qwen = Path.of("../text-encoder/src/test/resources/z-image-tiny");
        String prompt = "a pale lantern drifts over the mossy canal";
        float[] context;
        // README
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                QwenTokenizer tokenizer = QwenTokenizer.read(qwen.resolve("tokenizer"), 64, ChatTemplate.ANSWER)) {
            Qwen3TextModel model = Qwen3TextModel.load(qwen.resolve("text_encoder"), manager, Precision.FLOAT32);
            Tokens tokens = tokenizer.encode(prompt);
            int length = tokenizer.length(tokens.count());
            NDArray ids = manager.create(tokens.toArray(), new Shape(1, 64));
            TokenBatch batch = new TokenBatch(ids, List.of(length), LearnedWords.none());
            NDArray states = model.states(Pass.inference(), batch, List.of(3)); // (1, 64, 40), after 3 of 4 layers
            context = states.get(":, :" + length).toFloatArray(); // without padding, as Z-Image takes them
        }
        // end
        assertThat(context.length % 40).isZero();
        assertThat(context.length / 40).isBetween(20, 60);
    }

    @Test
    void denoisesInALoopOfItsOwn() throws IOException {
        try (Components parts = Components.embedded(Device.cpu(), DataType.FLOAT32);
                NDManager manager = parts.manager().newSubManager()) {
            String prompt = "a big yellow star on a black background";
            NDArray ids = parts.tokenizer().encode(manager, List.of(prompt));
            NDArray context = parts.textEncoder().forward(Pass.inference(), ids).last();
            // README
            UNet2DConditionModel unet = UNet2DConditionModel.load(model.resolve("unet"), manager, Precision.FLOAT32);
            double[] alphas = new double[1000];
            for (int t = 0; t < 1000; t++) { // scaled_linear, as in the model's scheduler_config.json
                double root = Math.sqrt(0.00085) + t * (Math.sqrt(0.012) - Math.sqrt(0.00085)) / 999;
                alphas[t] = (t == 0 ? 1 : alphas[t - 1]) * Math.sqrt(1 - root * root);
            }
            double first = alphas[0];
            double last = alphas[999];
            for (int t = 0; t < 1000; t++) { // rescale_betas_zero_snr: the last timestep is noise alone
                alphas[t] = (alphas[t] - last) * first / (first - last);
            }
            NDArray x = new TorchRandom(42).normal(manager, new Shape(1, 4, 16, 16));
            for (int t = 999; t > 0; t -= 40) { // 25 steps of DDIM
                double alpha = alphas[t];
                double sigma = Math.sqrt(1 - alpha * alpha);
                NDArray v =
                        unet.forward(Pass.inference(), UNetInput.of(x, t, context)); // context: the text, (1, 24, 128)
                NDArray x0 = x.mul(alpha).sub(v.mul(sigma));
                NDArray eps = v.mul(alpha).add(x.mul(sigma));
                double next = t < 40 ? 1 : alphas[t - 40]; // 1: no noise is left
                x = x0.mul(next).add(eps.mul(Math.sqrt(1 - next * next)));
            }
            // end
            TextToImagePipeline pipeline = new TextToImagePipeline(parts);
            GenerationRequest same = new GenerationRequest(prompt)
                    .withSeed(42)
                    .withGuidanceScale(1)
                    .withSteps(25);
            assertThat(Differences.largest(
                            pipeline.images(x).get(0), pipeline.generate(same).image()))
                    .isLessThanOrEqualTo(1);
        }
    }

    @Test
    void samplesWithAMadeUpDenoiser() {
        float[] result;
        // README
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            SchedulerConfig config = SchedulerConfig.from(new JsonObject(), "no file"); // all defaults
            Scheduler scheduler = Schedulers.named("euler", config);
            NDArray target = manager.ones(new Shape(1, 4, 8, 8));
            Denoiser oracle = (x, at) -> // knows that the image is the target, so the rest of x is noise
                    new Prediction(target, x.sub(target.mul(at.alpha())).div(at.sigma()));
            NoiseSource noise = new TorchRandom(42);
            Plan plan = scheduler.plan(20);
            SamplerState state = SamplerState.start(plan.initialLatents(noise.like(target)));
            for (int i = 0; i < plan.steps(); i++) {
                state = scheduler.step(plan, state, oracle, noise);
            }
            result = state.latents().toFloatArray(); // all 1: the target
        }
        // end
        assertThat(result).hasSize(256).containsOnly(1f);
    }
}
