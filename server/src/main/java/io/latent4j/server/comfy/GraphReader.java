package io.latent4j.server.comfy;

import com.google.common.collect.ImmutableListMultimap;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.latent4j.core.config.Shown;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import io.latent4j.service.job.JobSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Turns a graph into a job, walking back from the nodes that keep images. */
final class GraphReader {
    private static final double NEARLY = 1e-6; // so that a part of the steps is not a step less by rounding

    private static final Pattern WORD =
            Pattern.compile("embedding:([^\\s,():]+?)(?:\\.pt|\\.bin|\\.safetensors)?(?=[\\s,():]|$)");

    private final Graph graph;
    private final Function<String, Optional<String>> images;
    private final Map<String, List<Value>> made = new HashMap<>();
    private final Set<String> path = new LinkedHashSet<>();
    private final Map<String, Draft> drafts = new HashMap<>();
    private final Map<String, String> loaders = new HashMap<>();

    /** What a sampler makes. */
    private record Draft(JobSpec spec, Optional<GraphJob.Start> start, String checkpoint, String text) {}

    private GraphReader(Graph graph, Function<String, Optional<String>> images) {
        this.graph = graph;
        this.images = images;
    }

    /**
     * Reads a graph in the form of ComfyUI's API.
     *
     * @param images the digests of images by the names that the client knows them by
     * @throws GraphException naming what is wrong
     */
    static GraphJob read(JsonObject json, NodeTypes types, Function<String, Optional<String>> images) {
        return new GraphReader(Graph.of(json, types), images).job();
    }

    private GraphJob job() {
        List<GraphJob.Output> outputs = new ArrayList<>();
        Optional<Value.Decoded> first = Optional.empty();
        for (String id : graph.outputs()) {
            Graph.Node node = graph.nodes().get(id);
            Value.Decoded images = decoded(node);
            if (first.filter(before -> !before.sampler().equals(images.sampler()))
                    .isPresent()) {
                throw wrong(
                        id,
                        NodeError.invalid(
                                "images",
                                "images of the sampler #" + images.sampler() + ", where another output keeps those of #"
                                        + first.get().sampler() + "; expected one sampler: send a graph for each"));
            }
            first = Optional.of(images);
            boolean saves = node.type().name().equals(NodeTypes.SAVE);
            outputs.add(new GraphJob.Output(
                    id, saves ? "output" : "temp", saves ? text(node, "filename_prefix") : "ComfyUI_temp"));
        }
        Value.Decoded images = first.orElseThrow();
        Draft draft = drafts.get(images.sampler());
        return new GraphJob(
                draft.spec(),
                draft.start(),
                new GraphJob.Stages(loaders.get(draft.checkpoint()), draft.text(), images.sampler(), images.node()),
                outputs);
    }

    private Value.Decoded decoded(Graph.Node node) {
        if (link(node, "images") instanceof Value.Decoded images) {
            return images;
        }
        throw wrong(
                node.id(),
                NodeError.invalid(
                        "images", "images that were sent; expected images that VAEDecode makes of a sampler's"));
    }

    private GraphException wrong(String id, NodeError error) {
        Map<String, String> classes = new LinkedHashMap<>();
        graph.nodes().forEach((key, node) -> classes.put(key, node.type().name()));
        return new GraphException(
                "prompt_outputs_failed_validation",
                "Prompt outputs failed validation",
                ImmutableListMultimap.of(id, error),
                classes,
                graph.outputs());
    }

    /** What comes along a link, of the type that the graph was checked to have. */
    private Value link(Graph.Node node, String input) {
        JsonElement link = node.inputs().get(input);
        return values(InputCheck.source(link)).get(InputCheck.slot(link));
    }

    private List<Value> values(String id) {
        List<Value> known = made.get(id);
        if (known != null) {
            return known;
        }
        if (!path.add(id)) {
            throw wrong(
                    id,
                    new NodeError(
                            "dependency_cycle",
                            "Dependency cycle detected",
                            "the links go in a circle: " + String.join(", ", path),
                            ""));
        }
        List<Value> values = make(graph.nodes().get(id));
        path.remove(id);
        made.put(id, values);
        return values;
    }

    private List<Value> make(Graph.Node node) {
        return switch (node.type().name()) {
            case NodeTypes.CHECKPOINT -> checkpoint(node);
            case NodeTypes.LORA -> lora(node);
            case NodeTypes.TEXT -> List.of(new Value.Conditioning(node.id(), prompt(node), clip(node)));
            case NodeTypes.LAYER -> {
                Value.Clip clip = clip(node);
                yield List.of(new Value.Clip(clip.checkpoint(), clip.loras(), -whole(node, "stop_at_clip_layer")));
            }
            case NodeTypes.EMPTY ->
                List.of(new Value.Empty(whole(node, "width"), whole(node, "height"), whole(node, "batch_size")));
            case NodeTypes.ENCODE -> List.of(new Value.Encoded(image(node), vae(node), Optional.empty(), 0, false));
            case NodeTypes.ENCODE_FOR_INPAINT ->
                List.of(new Value.Encoded(
                        image(node), vae(node), Optional.of(mask(node)), whole(node, "grow_mask_by"), true));
            case NodeTypes.NOISE_MASK -> List.of(masked(node));
            case NodeTypes.SAMPLER, NodeTypes.ADVANCED -> {
                drafts.put(node.id(), draft(node));
                yield List.of(new Value.Sampled(node.id()));
            }
            case NodeTypes.DECODE -> List.of(decode(node));
            case NodeTypes.LOAD_IMAGE -> {
                String digest = digest(node);
                yield List.of(new Value.Image(digest), new Value.Mask(digest, "alpha"));
            }
            case NodeTypes.LOAD_MASK -> List.of(new Value.Mask(digest(node), text(node, "channel")));
            default -> List.of(); // nodes that keep images give nothing, and loaders of parts take no name
        };
    }

    /** The text, with learned words as they are written here: alone. */
    private static String prompt(Graph.Node node) {
        return WORD.matcher(text(node, "text")).replaceAll("$1");
    }

    private List<Value> checkpoint(Graph.Node node) {
        String name = text(node, "ckpt_name");
        loaders.putIfAbsent(name, node.id());
        return List.of(new Value.Model(name, Map.of()), new Value.Clip(name, Map.of(), 1), new Value.Vae(name));
    }

    private List<Value> lora(Graph.Node node) {
        Value.Model model = (Value.Model) link(node, "model");
        Value.Clip clip = clip(node);
        String name = text(node, "lora_name");
        Map<String, Value.Lora> ofModel = new LinkedHashMap<>(model.loras());
        ofModel.put(node.id(), new Value.Lora(name, real(node, "strength_model")));
        Map<String, Value.Lora> ofClip = new LinkedHashMap<>(clip.loras());
        ofClip.put(node.id(), new Value.Lora(name, real(node, "strength_clip")));
        return List.of(
                new Value.Model(model.checkpoint(), ofModel), new Value.Clip(clip.checkpoint(), ofClip, clip.skip()));
    }

    private Value.Clip clip(Graph.Node node) {
        return (Value.Clip) link(node, "clip");
    }

    private Value.Vae vae(Graph.Node node) {
        return (Value.Vae) link(node, "vae");
    }

    private Value.Mask mask(Graph.Node node) {
        return (Value.Mask) link(node, "mask");
    }

    private Value.Image image(Graph.Node node) {
        if (link(node, "pixels") instanceof Value.Image image) {
            return image;
        }
        throw wrong(
                node.id(),
                NodeError.invalid("pixels", "images that the graph makes; expected an image that LoadImage gives"));
    }

    private Value.Encoded masked(Graph.Node node) {
        if (link(node, "samples") instanceof Value.Encoded latents
                && latents.mask().isEmpty()) {
            return new Value.Encoded(latents.image(), latents.vae(), Optional.of(mask(node)), 0, false);
        }
        throw wrong(
                node.id(),
                NodeError.invalid("samples", "latents without an image, or with a mask; expected those of VAEEncode"));
    }

    private String digest(Graph.Node node) {
        String name = text(node, "image");
        return images.apply(name)
                .orElseThrow(() -> wrong(
                        node.id(),
                        NodeError.invalid(
                                "image",
                                "image - Invalid image file: " + Shown.text(name) + "; expected one that was sent")));
    }

    private Value.Decoded decode(Graph.Node node) {
        if (!(link(node, "samples") instanceof Value.Sampled latents)) {
            throw wrong(
                    node.id(), NodeError.invalid("samples", "latents that nothing was made of; expected a sampler's"));
        }
        checkSame(
                node, "vae", vae(node).checkpoint(), drafts.get(latents.node()).checkpoint());
        return new Value.Decoded(node.id(), latents.node());
    }

    private void checkSame(Graph.Node node, String input, String checkpoint, String expected) {
        if (!checkpoint.equals(expected)) {
            throw wrong(
                    node.id(),
                    NodeError.invalid(
                            input,
                            input + " of " + Shown.text(checkpoint) + "; expected that of the sampler's model, "
                                    + Shown.text(expected)));
        }
    }

    private Draft draft(Graph.Node node) {
        try {
            return drafted(node);
        } catch (IllegalArgumentException e) {
            throw wrong(node.id(), NodeError.invalid("", Shown.sentence(String.valueOf(e.getMessage()))));
        }
    }

    private Draft drafted(Graph.Node node) {
        Value.Model model = (Value.Model) link(node, "model");
        Value.Conditioning positive = (Value.Conditioning) link(node, "positive");
        Value.Conditioning negative = (Value.Conditioning) link(node, "negative");
        checkSame(node, "positive", positive.clip().checkpoint(), model.checkpoint());
        if (!positive.clip().equals(negative.clip())) {
            throw wrong(
                    node.id(),
                    NodeError.invalid("negative", "encoded by another CLIP than positive; expected the same for both"));
        }
        boolean advanced = node.type().name().equals(NodeTypes.ADVANCED);
        ComfySamplers.Method method = ComfySamplers.of(text(node, "sampler_name"), text(node, "scheduler"))
                .orElseThrow(() -> wrong(
                        node.id(),
                        NodeError.invalid(
                                "scheduler",
                                text(node, "scheduler") + " with " + text(node, "sampler_name")
                                        + "; expected one of "
                                        + String.join(", ", ComfySamplers.spacings(text(node, "sampler_name"))))));
        GenerationRequest request = new GenerationRequest(positive.text())
                .withNegativePrompt(negative.text())
                .withClipSkip(positive.clip().skip())
                .withScheduler(method.name())
                .withGuidanceScale(real(node, "cfg"))
                .withSeed(InputCheck.whole(node.inputs().get(advanced ? "noise_seed" : "seed"))
                        .orElseThrow()
                        .longValue())
                .withAdapters(adapters(node, model, positive.clip()));
        Part part = advanced ? advanced(node) : part(whole(node, "steps"), real(node, "denoise"));
        request = request.withSteps(part.steps());
        Optional<GraphJob.Start> start = Optional.empty();
        Value latents = link(node, "latent_image");
        if (latents instanceof Value.Empty empty) {
            if (part.strength() < 1) {
                throw wrong(
                        node.id(),
                        NodeError.invalid(
                                advanced ? "start_at_step" : "denoise",
                                "a part of the steps on empty latents; expected all of them, or an image that VAEEncode"
                                        + " gives"));
            }
            request = request.withSize(empty.width(), empty.height())
                    .withCount(empty.batch())
                    .withBatchSize(empty.batch());
        } else if (latents instanceof Value.Encoded encoded) {
            checkSame(node, "latent_image", encoded.vae().checkpoint(), model.checkpoint());
            start = Optional.of(new GraphJob.Start(encoded, part.strength()));
        } else {
            throw wrong(
                    node.id(),
                    NodeError.invalid(
                            "latent_image",
                            "latents of another sampler; expected those of EmptyLatentImage or VAEEncode"));
        }
        JobSpec spec = new JobSpec(request).withModel(model.checkpoint()).withSchedulerSettings(method.settings());
        return new Draft(spec, start, model.checkpoint(), positive.node());
    }

    /** Adapters of the denoiser and of the text encoders, which a node may have added to one of them alone. */
    private List<AdapterUse> adapters(Graph.Node node, Value.Model model, Value.Clip clip) {
        Set<String> nodes = new LinkedHashSet<>(model.loras().keySet());
        nodes.addAll(clip.loras().keySet());
        List<AdapterUse> uses = new ArrayList<>();
        for (String id : nodes) {
            Optional<Value.Lora> ofModel = Optional.ofNullable(model.loras().get(id));
            Optional<Value.Lora> ofClip = Optional.ofNullable(clip.loras().get(id));
            String name = ofModel.or(() -> ofClip).orElseThrow().name();
            if (uses.stream().anyMatch(use -> use.name().equals(name))) {
                throw wrong(
                        node.id(),
                        NodeError.invalid("model", "the LoRA " + Shown.text(name) + " twice; expected it once"));
            }
            uses.add(new AdapterUse(name)
                    .withStrengths(
                            ofModel.map(Value.Lora::strength).orElse(0.0),
                            ofClip.map(Value.Lora::strength).orElse(0.0)));
        }
        return uses;
    }

    /**
     * Which steps are taken.
     *
     * @param steps of the whole way
     * @param strength the part of them, from the end
     */
    private record Part(int steps, double strength) {}

    /** So many steps of a longer way, of which they are the last part. */
    private static Part part(int steps, double denoise) {
        if (denoise >= 1) {
            return new Part(steps, 1);
        }
        if (denoise <= 0) {
            throw new IllegalArgumentException("denoise is " + denoise + "; expected above 0");
        }
        double all = Math.floor(steps / denoise);
        if (all > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("denoise is " + denoise + ", which makes too many steps");
        }
        return new Part((int) all, Math.min(1, (steps + NEARLY) / all));
    }

    private Part advanced(Graph.Node node) {
        int steps = whole(node, "steps");
        int start = whole(node, "start_at_step");
        if (!text(node, "add_noise").equals("enable")) {
            throw wrong(
                    node.id(), NodeError.invalid("add_noise", "disable; expected enable: a run begins with its noise"));
        }
        if (text(node, "return_with_leftover_noise").equals("enable") || whole(node, "end_at_step") < steps) {
            throw wrong(
                    node.id(),
                    NodeError.invalid(
                            "end_at_step", "a run that ends before its last step; expected all steps to the last"));
        }
        if (start >= steps) {
            throw wrong(
                    node.id(),
                    NodeError.invalid(
                            "start_at_step", start + ", where there are " + steps + " steps; expected fewer"));
        }
        return new Part(steps, Math.min(1, (steps - start + NEARLY) / steps));
    }

    private static String text(Graph.Node node, String input) {
        return node.inputs().get(input).getAsString();
    }

    private static int whole(Graph.Node node, String input) {
        return InputCheck.whole(node.inputs().get(input)).orElseThrow().intValueExact();
    }

    private static double real(Graph.Node node, String input) {
        return InputCheck.real(node.inputs().get(input)).orElseThrow();
    }
}
