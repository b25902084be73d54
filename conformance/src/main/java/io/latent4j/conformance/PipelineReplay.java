package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Pass;
import io.latent4j.pipeline.Progress;
import io.latent4j.pipeline.TextToImagePipeline;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.ControlNet;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.pipeline.request.ControlInput;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.pipeline.request.MicroConditioning;
import io.latent4j.pipeline.request.Sizes;
import io.latent4j.pipeline.request.Tiling;
import io.latent4j.schedulers.LatentSize;
import io.latent4j.schedulers.Plan;
import io.latent4j.schedulers.Steps;
import io.latent4j.schedulers.catalogue.Schedulers;
import io.latent4j.schedulers.config.SchedulerConfig;
import io.latent4j.textencoder.PromptSyntax;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Text, or text and an image, to images from the prompt and the recorded noise: token ids, hidden states, latents of the
 * given image, timesteps, latents after each step, decoded images and the PNG.
 *
 * <p>The network's output in each step is not compared: the pipeline does not show it, and the latents follow from it.
 * Hidden states are an input of the case, without a tolerance of their own: 1e-5 of the largest is taken, and a relative
 * 1e-4.
 */
final class PipelineReplay {
    private static final Set<String> MODES = Set.of("t2i", "img2img", "inpaint4", "inpaint9", "controlnet");
    private static final Set<String> CLASSES =
            Set.of("StableDiffusionPipeline", "StableDiffusionInpaintPipeline", "StableDiffusionXLPipeline");
    private static final String IMAGE_LATENTS = "out.image_latents";
    private static final String MASKED_LATENTS = "out.masked_image_latents";
    private static final String MASK_LATENT = "out.mask_latent";
    private static final Set<String> ELSEWHERE = Set.of(
            IMAGE_LATENTS,
            MASK_LATENT,
            MASKED_LATENTS,
            "out.initial_latents",
            "out.timesteps",
            "out.model_output_per_step",
            "out.latents_per_step",
            "out.final_latents",
            "out.decoded",
            "out.image");

    private final CaseFile file;
    private final Comparison comparison;
    private final Components parts;
    private final JsonObject scheduler;

    private PipelineReplay(CaseFile file, Comparison comparison, Components parts, JsonObject scheduler) {
        this.file = file;
        this.comparison = comparison;
        this.parts = parts;
        this.scheduler = scheduler;
    }

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        if (TransformerPipelineReplay.isFor(file)) {
            TransformerPipelineReplay.run(file, bench, comparison);
            return;
        }
        String mode = file.text("mode");
        if (!MODES.contains(mode)) {
            throw new NotCovered("mode " + mode);
        }
        Config index = Config.read(file.model().resolve("model_index.json"));
        String className = index.text("_class_name", "");
        if (!CLASSES.contains(className)) {
            throw new NotCovered("class " + className);
        }
        JsonObject scheduler = file.scalars().getAsJsonObject("scheduler");
        SchedulerRefusal.check(scheduler, "scheduler");
        Components parts = bench.components(file.model()).withScheduler(SchedulerConfig.from(scheduler, "scheduler"));
        new PipelineReplay(file, comparison, parts, scheduler).run();
    }

    @SuppressWarnings("try")
    private void run() throws IOException {
        try (NDScope scope = new NDScope()) {
            file.compare(comparison, Map.of(), ELSEWHERE);
            compareText("prompt", file.text("prompt"));
            compareText("negative", file.text("negative_prompt"));
            Plan plan = plan();
            comparePlan(plan);
            compareRun(plan);
        }
    }

    /** Ids, hidden states and summary of a text, where the case has them. */
    private void compareText(String which, String text) throws IOException {
        if (!file.has("in." + which + "_ids")) {
            return;
        }
        int texts = 1;
        for (int i = 0; i < parts.readers().size(); i++) {
            String ids = "in." + which + "_ids" + (i == 0 ? "" : "_" + (i + 1));
            TextReader reader = parts.readers().get(i);
            NDArray expected = file.tensor(ids);
            texts = Math.toIntExact(expected.getShape().get(0));
            NDArray got = reader.tokenizer().encode(file.manager(), Collections.nCopies(texts, text));
            comparison.arrays(ids, got, expected, Tolerance.NONE);
        }
        String read = text.isEmpty() ? " " : text; // the same tokens, which are never zeros
        Conditioning got = parts.text().encode(Pass.inference(), file.manager(), Collections.nCopies(texts, read), 1);
        if (got.get(Conditioning.POOLED).isPresent()) {
            compareInput(
                    which.equals("prompt") ? "in.pooled_prompt_embeds" : "in.negative_pooled_prompt_embeds",
                    got.get(Conditioning.POOLED).get());
        }
        String embeds = which.equals("prompt") ? "in.prompt_embeds" : "in.negative_prompt_embeds";
        if (file.has(embeds)) {
            compareInput(embeds, got.context());
        }
    }

    private void compareInput(String name, NDArray got) throws IOException {
        NDArray wanted = file.tensor(name);
        float largest = wanted.abs().max().getFloat();
        comparison.arrays(name, got, wanted, new Tolerance(1e-5 * largest, 1e-4));
    }

    private Plan plan() throws IOException {
        int first = file.has("in.image") ? steps() - Math.min((int) (steps() * strength()), steps()) : 0;
        return Schedulers.from(parts.scheduler())
                .plan(Steps.of(steps()), LatentSize.of(file.tensor("in.noise").getShape()), first);
    }

    private int steps() {
        return (int) file.number("num_inference_steps", 0);
    }

    private double strength() {
        return file.number("strength", 1);
    }

    private void comparePlan(Plan plan) throws IOException {
        float[] timesteps = Comparison.floats(file.tensor("out.timesteps"));
        comparison.number("steps", plan.steps(), timesteps.length, Tolerance.NONE);
        for (int i = 0; i < Math.min(plan.steps(), timesteps.length); i++) {
            Tolerance units = new Tolerance(4 * Math.ulp(timesteps[0]), 0);
            comparison.number("out.timesteps", plan.level(i).timestep(), timesteps[i], units);
        }
        if (file.has("out.initial_latents")) {
            float[] start = coordinates().toReference(initialLatents(plan).toFloatArray(), plan.level(0));
            compareFloats("out.initial_latents", start, file.tensor("out.initial_latents"));
        }
    }

    private NDArray initialLatents(Plan plan) throws IOException {
        NDArray noise = file.in("noise");
        if (!file.has("in.image")) {
            return plan.initialLatents(noise);
        }
        NDArray kept = new TextToImagePipeline(parts).encode(file.manager(), image(), file.in("enc_noise"));
        comparison.arrays(IMAGE_LATENTS, kept, file.tensor(IMAGE_LATENTS), file.tolerance(IMAGE_LATENTS));
        return file.has("in.mask") && strength() == 1
                ? plan.initialLatents(noise)
                : plan.level(0).mix(kept, noise);
    }

    /** The image to start from. */
    private BufferedImage image() throws IOException {
        return FloatImage.of(file.in("image").add(1).div(2));
    }

    /** What is drawn before the steps. */
    private List<NDArray> drawnBefore() throws IOException {
        boolean masked = file.has("in.masked_enc_noise");
        List<NDArray> noises = new ArrayList<>();
        if (file.has("in.image") && !(masked && strength() == 1)) {
            noises.add(file.in("enc_noise"));
        }
        noises.add(file.in("noise"));
        if (masked) {
            noises.add(file.in("masked_enc_noise"));
        }
        return noises;
    }

    private Coordinates coordinates() {
        return Coordinates.of(scheduler.get("_class_name").getAsString());
    }

    private void compareFloats(String output, float[] got, NDArray expected) {
        comparison.floats(output, got, expected.toFloatArray(), file.tolerance(output));
    }

    private void compareRun(Plan plan) throws IOException {
        if (!file.has("in.control_image")) {
            compareRun(plan, new TextToImagePipeline(parts), List.of());
            return;
        }
        Path folder = file.root().resolve("models").resolve("controlnet-tiny"); // which the case does not name
        try (ControlNet net = parts.controlNet(folder)) {
            ControlInput control = new ControlInput(net.name(), FloatImage.of(file.in("control_image")));
            compareRun(
                    plan,
                    new TextToImagePipeline(parts).withControlNets(net),
                    List.of(control.withScale(file.number("controlnet_conditioning_scale", 1))));
        }
    }

    @SuppressWarnings("try")
    private void compareRun(Plan plan, TextToImagePipeline pipeline, List<ControlInput> controls) throws IOException {
        NDArray perStep = file.tensor("out.latents_per_step");
        if (perStep.getShape().get(0) != plan.steps()) {
            return; // which has been noted
        }
        NDArray noise = file.in("noise");
        Progress progress = event -> {
            try (NDScope scope = new NDScope()) {
                float[] got = coordinates().toReference(event.latents().toFloatArray(), event.level());
                compareFloats("out.latents_per_step", got, perStep.get(event.step() - 1));
            }
        };
        try (NDManager manager = parts.manager().newSubManager()) {
            NDArray latents = pipeline.latents(
                    manager,
                    request(noise).withControls(controls),
                    RecordedNoise.of(file, drawnBefore(), "step_noise"),
                    progress);
            float[] got = coordinates().toReference(latents.toFloatArray(), plan.level(plan.steps()));
            compareFloats("out.final_latents", got, file.tensor("out.final_latents"));
            NDArray decoded = pipeline.decode(latents);
            comparison.arrays("out.decoded", decoded, file.tensor("out.decoded"), file.tolerance("out.decoded"));
            if (!file.text("png").isEmpty() && latents.getShape().get(0) == 1) {
                PngComparison.of(
                        comparison, pipeline.images(latents).get(0), file.root().resolve(file.text("png")));
            }
        }
    }

    private GenerationRequest request(NDArray noise) throws IOException {
        int downscale = parts.codec(Tiling.AUTO).pixelsPerLatent();
        int height = Math.toIntExact(noise.getShape().get(2) * downscale);
        int width = Math.toIntExact(noise.getShape().get(3) * downscale);
        GenerationRequest request = new GenerationRequest(file.text("prompt"))
                .withPromptSyntax(PromptSyntax.PLAIN)
                .withNegativePrompt(negativePrompt())
                .withSize(width, height)
                .withSteps(steps())
                .withGuidanceScale(file.number("guidance_scale", 1))
                .withGuidanceRescale(file.number("guidance_rescale", 0))
                .withCount(Math.toIntExact(noise.getShape().get(0)));
        double eta = file.number("eta", 0);
        if (eta > 0) { // 0 is the reference's default, which methods that have none pass over
            request = request.withEta(eta);
        }
        if (file.has("in.image")) {
            request = request.withImage(image()).withStrength(strength());
        }
        if (file.has("in.add_time_ids")) {
            request = request.withMicroConditioning(
                    new MicroConditioning(sizes("in.add_time_ids"), sizes("in.negative_add_time_ids")));
        }
        return file.has("in.mask") ? request.withMask(FloatImage.of(file.in("mask"))) : request;
    }

    /** The negative prompt, blank rather than empty where the reference was given an empty text and not none. */
    private String negativePrompt() {
        boolean given =
                file.has("in.negative_ids") && file.text("negative_prompt").isEmpty();
        return given ? " " : file.text("negative_prompt");
    }

    private Sizes sizes(String input) throws IOException {
        float[] numbers = file.tensor(input).toFloatArray();
        return new Sizes((int) numbers[1], (int) numbers[0], (int) numbers[3], (int) numbers[2], (int) numbers[5], (int)
                numbers[4]);
    }
}
