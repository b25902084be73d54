package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.latent4j.core.image.ImageDecoder;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.pipeline.model.TextSession;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.Guidance;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.NoiseLevel;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Text, or text and an image, to images by a model of a transformer, from the prompt and the recorded noise: hidden states,
 * latents of the given image, timesteps, latents after each step, decoded images and the PNG; see {@link PipelineReplay}.
 */
final class TransformerPipelineReplay {
    private static final Set<String> MODES = Set.of("t2i", "img2img", "reference");
    private static final Set<String> CLASSES = Set.of(
            "PixArtSigmaPipeline", "StableDiffusion3Pipeline", "FluxPipeline", "ZImagePipeline", "Flux2KleinPipeline");
    private static final String SKIPPED = "skip_layer_guidance";
    private static final JsonPrimitive NO_BOUND = new JsonPrimitive("-inf"); // JSON has no word for it
    private static final String IMAGE_LATENTS = "out.image_latents";
    private static final Set<String> ELSEWHERE = Set.of(
            IMAGE_LATENTS,
            "out.initial_latents",
            "out.reference_latents.0", // the latents of each step depend on them
            "out.reference_latents.1",
            "out.vae_latents", // what the autoencoder makes the image of
            "out.timesteps",
            "out.sigmas", // the timesteps say the same
            "out.model_output_per_step",
            "out.latents_per_step",
            "out.final_latents",
            "out.decoded");

    private final CaseFile file;
    private final Comparison comparison;
    private final Model model;
    private final Coordinates coordinates;

    private TransformerPipelineReplay(CaseFile file, Comparison comparison, Model model, Coordinates coordinates) {
        this.file = file;
        this.comparison = comparison;
        this.model = model;
        this.coordinates = coordinates;
    }

    /** Whether a case is of a model of a transformer. */
    static boolean isFor(CaseFile file) {
        return file.scalars().has("pipeline");
    }

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        refuseAllBut("mode", MODES, file);
        refuseAllBut("pipeline", CLASSES, file);
        List.of("prompt_2", "prompt_3").stream()
                .filter(key -> !file.text(key).isEmpty())
                .forEach(key -> {
                    throw new NotCovered("a text of its own for each text encoder");
                });
        if (file.scalars().has(SKIPPED) && !file.scalars().get(SKIPPED).isJsonNull()) {
            throw new NotCovered("skip-layer guidance");
        }
        JsonObject scheduler = file.scalars().getAsJsonObject("scheduler").deepCopy();
        scheduler.keySet().stream()
                .filter(key -> scheduler.get(key).equals(NO_BOUND))
                .forEach(key -> scheduler.addProperty(key, Double.NEGATIVE_INFINITY));
        SchedulerRefusal.check(scheduler, "scheduler");
        Model model = bench.anyModel(file.model()).withScheduler(SchedulerConfig.from(scheduler, "scheduler"));
        Coordinates coordinates = Coordinates.of(scheduler.get("_class_name").getAsString());
        new TransformerPipelineReplay(file, comparison, model, coordinates).run();
    }

    private static void refuseAllBut(String key, Set<String> known, CaseFile file) {
        if (!known.contains(file.text(key))) {
            throw new NotCovered(key + " " + file.text(key));
        }
    }

    @SuppressWarnings("try")
    private void run() throws IOException {
        try (NDScope scope = new NDScope()) {
            file.compare(comparison, Map.of(), ELSEWHERE);
            compareText("prompt", "");
            if (file.has("in.negative_prompt_embeds")) {
                compareText("negative_prompt", "negative_");
            }
            compareImageLatents();
            compareRun();
        }
    }

    private void compareText(String key, String prefix) throws IOException {
        TextOptions options = new TextOptions(PromptSyntax.PLAIN, 1, OptionalInt.of(tokens()));
        try (TextSession session = model.text().open(options, List.of(), file.manager())) {
            Conditioning got = session.conditioning(List.of(List.of(file.text(key))), 8, 8, Optional.empty());
            compareStates("in." + prefix + "prompt_embeds", got);
            if (got.get(Conditioning.POOLED).isPresent()) {
                compareInput(
                        "in." + prefix + "pooled_prompt_embeds",
                        got.get(Conditioning.POOLED).get());
            }
            String mask = "in." + prefix + "prompt_attention_mask";
            if (got.get("mask").isPresent() && file.has(mask)) {
                float[] expected = Comparison.floats(file.tensor(mask));
                comparison.floats(mask, got.get("mask").get().toFloatArray(), expected, Tolerance.NONE);
            }
        }
    }

    /** Of a model that is given texts without their padding, the reference has the words alone, (words, channels). */
    private void compareStates(String name, Conditioning got) throws IOException {
        Shape wanted = file.tensor(name).getShape();
        if (wanted.dimension() == 2) {
            float words = got.get("mask").orElseThrow().sum().getFloat();
            comparison.number(name + " words", words, (double) wanted.get(0), Tolerance.NONE);
            compareInput(name, got.context().get(0).get("0:" + wanted.get(0)));
        } else {
            compareInput(name, got.context());
        }
    }

    private int tokens() {
        return (int) file.number("max_sequence_length", 0);
    }

    private void compareInput(String name, NDArray got) throws IOException {
        NDArray wanted = file.tensor(name);
        float largest = wanted.abs().max().getFloat();
        comparison.arrays(name, got, wanted, new Tolerance(1e-5 * largest, 1e-4));
    }

    private void compareImageLatents() throws IOException {
        if (file.has("in.image")) {
            NDArray got = new TextToImagePipeline(model).encode(file.manager(), image(), file.in("enc_noise"));
            NDArray wanted = file.tensor(IMAGE_LATENTS);
            comparison.floats(IMAGE_LATENTS, like(wanted, got), wanted.toFloatArray(), file.tolerance(IMAGE_LATENTS));
        }
    }

    private BufferedImage image() throws IOException {
        return FloatImage.of(file.in("image").add(1).div(2));
    }

    @SuppressWarnings("try")
    private void compareRun() throws IOException {
        NDArray perStep = file.tensor("out.latents_per_step");
        float[] timesteps = Comparison.floats(file.tensor("out.timesteps"));
        Tolerance units = new Tolerance(4 * Math.ulp(timesteps[0]), 0);
        Progress progress = event -> {
            try (NDScope scope = new NDScope()) {
                comparison.number("steps", event.steps(), timesteps.length, Tolerance.NONE);
                if (event.steps() == timesteps.length) {
                    compare("out.latents_per_step", event.latents(), event.level(), perStep.get(event.step() - 1));
                    boolean last = event.step() == event.steps();
                    comparison.number(
                            "out.timesteps",
                            event.level().timestep(),
                            last ? 0 : timesteps[event.step()],
                            last ? new Tolerance(1, 0) : units);
                }
            }
        };
        List<NDArray> noises = new ArrayList<>();
        if (file.has("in.image")) {
            noises.add(file.in("enc_noise"));
        }
        noises.add(file.in("noise"));
        TextToImagePipeline pipeline = new TextToImagePipeline(model);
        try (NDManager manager = model.manager().newSubManager()) {
            NDArray latents =
                    pipeline.latents(manager, request(), RecordedNoise.of(file, noises, "step_noise"), progress);
            compare("out.final_latents", latents, NoiseLevel.CLEAN, file.tensor("out.final_latents"));
            if (file.has("out.decoded")) {
                NDArray decoded = pipeline.decode(latents);
                comparison.arrays("out.decoded", decoded, file.tensor("out.decoded"), file.tolerance("out.decoded"));
            }
            if (!file.text("png").isEmpty() && latents.getShape().get(0) == 1) {
                PngComparison.of(
                        comparison, pipeline.images(latents).get(0), file.root().resolve(file.text("png")));
            }
        }
    }

    private void compare(String output, NDArray latents, NoiseLevel at, NDArray expected) {
        float[] got = coordinates.toReference(like(expected, latents), at);
        comparison.floats(output, got, expected.toFloatArray(), file.tolerance(output));
    }

    /** Latents (N, C, h, w) as the reference has them, which keeps those of some families as tokens (N, tokens, channels). */
    private static float[] like(NDArray expected, NDArray latents) {
        Shape s = latents.getShape();
        if (expected.getShape().dimension() == s.dimension()) {
            return latents.toFloatArray();
        }
        long patch = expected.getShape().get(2) == s.get(1) ? 1 : 2;
        return latents.reshape(s.get(0), s.get(1), s.get(2) / patch, patch, s.get(3) / patch, patch)
                .transpose(0, 2, 4, 1, 3, 5)
                .toFloatArray();
    }

    private GenerationRequest request() throws IOException {
        NDArray noise = file.in("noise");
        int pixels = model.codec(Tiling.AUTO).pixelsPerLatent();
        LatentSize size = LatentSize.of(noise.getShape());
        GenerationRequest request = new GenerationRequest(file.text("prompt"))
                .withPromptSyntax(PromptSyntax.PLAIN)
                .withMaxTokens(tokens())
                .withNegativePrompt(file.text("negative_prompt"))
                .withSize(Math.toIntExact(size.width() * pixels), Math.toIntExact(size.height() * pixels))
                .withSteps((int) file.number("num_inference_steps", 0))
                .withGuidance(guidance())
                .withCount(Math.toIntExact(noise.getShape().get(0)));
        JsonElement references = file.scalars().get("reference_images");
        if (references != null) {
            List<BufferedImage> images = new ArrayList<>();
            for (JsonElement each : references.getAsJsonArray()) {
                images.add(ImageDecoder.decode(file.root().resolve(each.getAsString())));
            }
            request = request.withReferences(images);
        }
        return file.has("in.image") ? request.withImage(image()).withStrength(file.number("strength", 1)) : request;
    }

    private Guidance guidance() throws IOException {
        double scale = file.number("guidance_scale", 1);
        if (!file.text("pipeline").equals("ZImagePipeline")) {
            return Guidance.DEFAULT.withScale(scale).withTrueScale(file.number("true_cfg_scale", 1));
        }
        Guidance guidance = Guidance.DEFAULT.withScale(scale + 1).between(0, guidedPart());
        return file.scalars().has("cfg_normalization")
                        && file.scalars().get("cfg_normalization").getAsBoolean()
                ? guidance.withLimit(1)
                : guidance;
    }

    /** The steps that are guided are told by their time there, and by their number here. */
    private double guidedPart() throws IOException {
        float[] timesteps = Comparison.floats(file.tensor("out.timesteps"));
        int guided = 0;
        while (guided < timesteps.length && 1 - timesteps[guided] / 1000 <= file.number("cfg_truncation", 1)) {
            guided++;
        }
        return (double) guided / timesteps.length;
    }
}
