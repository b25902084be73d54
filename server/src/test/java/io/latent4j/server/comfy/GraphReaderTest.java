package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.pipeline.request.AdapterUse;
import io.latent4j.pipeline.request.GenerationRequest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class GraphReaderTest {
    /** The graph that ComfyUI begins with. */
    static final String BASIC = """
            {"3": {"class_type": "KSampler", "inputs": {"seed": 18446744073709551615, "steps": 4, "cfg": 7.5,
                   "sampler_name": "euler_ancestral", "scheduler": "karras", "denoise": 1, "model": ["4", 0],
                   "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
             "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "embedded"}},
             "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 48, "batch_size": 2}},
             "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red circle", "clip": ["4", 1]}},
             "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["4", 1]}},
             "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
             "9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "mine", "images": ["8", 0]},
                   "_meta": {"title": "Save Image"}}}
            """;

    private static final NodeTypes TYPES =
            new NodeTypes(List.of("embedded", "other"), List.of("ink"), List.of("photo.png"));

    private static GraphJob read(JsonObject graph) {
        return GraphReader.read(
                graph, TYPES, name -> name.equals("photo.png") ? Optional.of("digest") : Optional.empty());
    }

    private static JsonObject basic() {
        return JsonParser.parseString(BASIC).getAsJsonObject();
    }

    /** The basic graph with an input changed; gone where the value is empty. */
    private static JsonObject with(String node, String input, String value) {
        return with(basic(), node, input, value);
    }

    private static JsonObject with(JsonObject graph, String node, String input, String value) {
        JsonObject inputs = graph.getAsJsonObject(node).getAsJsonObject("inputs");
        inputs.remove(input);
        if (!value.isEmpty()) {
            inputs.add(input, JsonParser.parseString(value));
        }
        return graph;
    }

    /** The graph with a node more. */
    private static JsonObject and(JsonObject graph, String id, String type, String inputs) {
        JsonObject node = new JsonObject();
        node.addProperty("class_type", type);
        node.add("inputs", JsonParser.parseString(inputs));
        graph.add(id, node);
        return graph;
    }

    private static GraphException refused(JsonObject graph) {
        GraphException e = catchThrowableOfType(GraphException.class, () -> read(graph));
        assertThat(e).as("refused").isNotNull();
        return e;
    }

    private static void assertRefused(JsonObject graph, String node, String type, String details) {
        GraphException e = refused(graph);
        assertThat(e.errors().get(node))
                .as(e.json().toString())
                .anyMatch(error -> error.type().equals(type) && error.details().contains(details));
        JsonObject told = e.json().getAsJsonObject("node_errors").getAsJsonObject(node);
        assertThat(told.getAsJsonArray("errors").get(0).getAsJsonObject().has("message"))
                .isTrue();
        assertThat(told.has("class_type")).isTrue();
    }

    @Test
    void readsTextToImage() {
        GraphJob job = read(basic());
        GenerationRequest request = job.spec().request();
        assertThat(request.prompt().text()).isEqualTo("a red circle");
        assertThat(request.prompt().negative()).isEqualTo("blurry");
        assertThat(request.batch().seed()).hasValue(-1L); // the largest, read as unsigned
        assertThat(request.batch().count()).isEqualTo(2);
        assertThat(request.size().width()).hasValue(64);
        assertThat(request.size().height()).hasValue(48);
        assertThat(request.sampling().scheduler()).hasValue("Euler a Karras");
        assertThat(request.sampling().steps().orElseThrow().count()).isEqualTo(4);
        assertThat(request.guidance().scale()).hasValue(7.5);
        assertThat(job.spec().model()).hasValue("embedded");
        assertThat(job.outputs()).containsExactly(new GraphJob.Output("9", "output", "mine"));
        assertThat(job.stages()).isEqualTo(new GraphJob.Stages("4", "6", "3", "8"));
        assertThat(job.start()).isEmpty();
    }

    @Test
    void readsAdaptersAndLayers() {
        JsonObject graph = and(
                basic(),
                "10",
                "LoraLoader",
                "{\"lora_name\": \"ink\", \"strength_model\": 0.8, \"strength_clip\": 0.5, \"model\": [\"4\", 0], \"clip\":"
                        + " [\"4\", 1]}");
        and(graph, "11", "CLIPSetLastLayer", "{\"stop_at_clip_layer\": -2, \"clip\": [\"10\", 1]}");
        with(with(with(graph, "3", "model", "[\"10\", 0]"), "6", "clip", "[\"11\", 0]"), "7", "clip", "[\"11\", 0]");
        GenerationRequest request = read(graph).spec().request();
        assertThat(request.adapters()).containsExactly(new AdapterUse("ink").withStrengths(0.8, 0.5));
        assertThat(request.prompt().clipSkip()).isEqualTo(2);
        with(with(graph, "6", "clip", "[\"4\", 1]"), "7", "clip", "[\"4\", 1]");
        assertThat(read(graph).spec().request().adapters())
                .containsExactly(new AdapterUse("ink").withStrengths(0.8, 0));
    }

    @Test
    void readsLearnedWords() {
        JsonObject graph = with("6", "text", "\"a (embedding:cat:1.2), embedding:a-dog.safetensors\"");
        assertThat(read(graph).spec().request().prompt().text()).isEqualTo("a (cat:1.2), a-dog");
    }

    @Test
    void readsSpacingsAsSettings() {
        assertThat(read(with("3", "scheduler", "\"simple\"")).spec().schedulerSettings())
                .isEqualTo(Map.of("timestep_spacing", "trailing"));
        assertThat(read(with("3", "scheduler", "\"normal\"")).spec().schedulerSettings())
                .isEmpty();
        assertThat(read(with("3", "sampler_name", "\"uni_pc\"")).spec().schedulerSettings())
                .isEqualTo(Map.of("solver_type", "bh1"));
        assertRefused(with("3", "sampler_name", "\"ddim\""), "3", "custom_validation_failed", "karras with ddim");
    }

    private static JsonObject fromImage() {
        JsonObject graph = and(basic(), "20", "LoadImage", "{\"image\": \"photo.png\", \"upload\": \"image\"}");
        and(graph, "21", "VAEEncode", "{\"pixels\": [\"20\", 0], \"vae\": [\"4\", 2]}");
        return with(graph, "3", "latent_image", "[\"21\", 0]");
    }

    @Test
    void readsImageToImage() {
        GraphJob job = read(with(fromImage(), "3", "denoise", "0.6"));
        assertThat(job.start().orElseThrow().latents().image().digest()).isEqualTo("digest");
        assertThat(job.spec().request().sampling().steps().orElseThrow().count())
                .isEqualTo(6); // of which 4 are taken
        assertThat((int) (6 * job.start().orElseThrow().strength())).isEqualTo(4);
    }

    @Test
    void readsMasks() {
        JsonObject graph = and(fromImage(), "22", "LoadImageMask", "{\"image\": \"photo.png\", \"channel\": \"red\"}");
        and(graph, "23", "SetLatentNoiseMask", "{\"samples\": [\"21\", 0], \"mask\": [\"22\", 0]}");
        Value.Encoded masked = read(with(graph, "3", "latent_image", "[\"23\", 0]"))
                .start()
                .orElseThrow()
                .latents();
        assertThat(masked.mask()).hasValue(new Value.Mask("digest", "red"));
        assertThat(masked.erased()).isFalse();
        and(
                graph,
                "24",
                "VAEEncodeForInpaint",
                "{\"pixels\": [\"20\", 0], \"vae\": [\"4\", 2], \"mask\": [\"20\", 1], \"grow_mask_by\": 6}");
        Value.Encoded erased = read(with(graph, "3", "latent_image", "[\"24\", 0]"))
                .start()
                .orElseThrow()
                .latents();
        assertThat(erased.mask()).hasValue(new Value.Mask("digest", "alpha"));
        assertThat(erased.erased()).isTrue();
        assertThat(erased.grow()).isEqualTo(6);
        and(graph, "25", "SetLatentNoiseMask", "{\"samples\": [\"24\", 0], \"mask\": [\"22\", 0]}");
        assertRefused(with(graph, "3", "latent_image", "[\"25\", 0]"), "25", "custom_validation_failed", "with a mask");
    }

    @Test
    void readsAnAdvancedSamplerThatRunsToItsEnd() {
        JsonObject graph = fromImage();
        and(graph, "3", "KSamplerAdvanced", """
                {"add_noise": "enable", "noise_seed": 5, "steps": 10, "cfg": 7, "sampler_name": "euler", "scheduler": "normal",
                 "start_at_step": 4, "end_at_step": 10000, "return_with_leftover_noise": "disable", "model": ["4", 0],
                 "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["21", 0]}
                """);
        GraphJob job = read(graph);
        assertThat(job.spec().request().batch().seed()).hasValue(5);
        assertThat((int) (10 * job.start().orElseThrow().strength())).isEqualTo(6);
        assertRefused(with(graph, "3", "end_at_step", "8"), "3", "custom_validation_failed", "before its last");
        with(graph, "3", "end_at_step", "10");
        assertRefused(with(graph, "3", "start_at_step", "10"), "3", "custom_validation_failed", "10 steps");
        assertRefused(with(graph, "3", "add_noise", "\"disable\""), "3", "custom_validation_failed", "enable");
    }

    @Test
    void takesSeveralOutputsOfOneSampler() {
        JsonObject graph = and(basic(), "12", "PreviewImage", "{\"images\": [\"8\", 0]}");
        assertThat(read(graph).outputs()).extracting(GraphJob.Output::type).containsExactly("output", "temp");
        graph.add("30", graph.get("3").deepCopy());
        and(graph, "31", "VAEDecode", "{\"samples\": [\"30\", 0], \"vae\": [\"4\", 2]}");
        assertRefused(
                with(graph, "12", "images", "[\"31\", 0]"), "12", "custom_validation_failed", "expected one sampler");
    }

    @Test
    void refusesNodesByName() {
        GraphException e = refused(and(basic(), "40", "FaceDetailer", "{}"));
        assertThat(e.getMessage()).contains("FaceDetailer");
        assertThat(e.type()).isEqualTo("invalid_prompt");
        assertRefused(and(basic(), "40", "FaceDetailer", "{}"), "40", "missing_node_type", "FaceDetailer");
        JsonObject graph = basic();
        graph.getAsJsonObject("5").remove("class_type");
        assertRefused(graph, "5", "invalid_prompt", "class_type");
    }

    @Test
    void refusesAGraphWithoutOutputs() {
        JsonObject graph = basic();
        graph.remove("9");
        assertThat(refused(graph).type()).isEqualTo("prompt_no_outputs");
        assertThat(refused(new JsonObject()).type()).isEqualTo("prompt_no_outputs");
    }

    @Test
    void refusesTooManyNodes() {
        JsonObject graph = basic();
        for (int i = 0; i < 500; i++) {
            and(graph, "x" + i, "CLIPTextEncode", "{}");
        }
        assertThat(refused(graph).getMessage()).contains("at most 500");
    }

    @Test
    void refusesWrongInputs() {
        assertRefused(with("3", "steps", ""), "3", "required_input_missing", "steps");
        assertRefused(with("3", "steps", "\"many\""), "3", "invalid_input_type", "steps");
        assertRefused(with("3", "steps", "4.5"), "3", "invalid_input_type", "steps");
        assertRefused(with("3", "steps", "{}"), "3", "invalid_input_type", "steps");
        assertRefused(with("3", "steps", "0"), "3", "value_smaller_than_min", "steps");
        assertRefused(with("3", "seed", "18446744073709551616"), "3", "value_bigger_than_max", "seed");
        assertRefused(with("3", "seed", "1e400"), "3", "invalid_input_type", "seed");
        assertRefused(with("3", "cfg", "-1"), "3", "value_smaller_than_min", "cfg");
        assertRefused(with("3", "sampler_name", "\"best\""), "3", "value_not_in_list", "'best'");
        assertRefused(with("4", "ckpt_name", "\"/etc/passwd\""), "4", "value_not_in_list", "'embedded'");
        assertThat(read(with("4", "ckpt_name", "\"other.safetensors\"")).spec().model())
                .hasValue("other.safetensors"); // which the server finds
        assertThat(read(with("3", "steps", "\"7\""))
                        .spec()
                        .request()
                        .sampling()
                        .steps()
                        .orElseThrow()
                        .count())
                .isEqualTo(7);
    }

    @Test
    void refusesWrongLinks() {
        assertRefused(with("3", "model", "[\"99\", 0]"), "3", "bad_linked_input", "#99, which is missing");
        assertRefused(with("3", "model", "[\"4\", 3]"), "3", "bad_linked_input", "output 3");
        assertRefused(with("3", "model", "[\"4\", -1]"), "3", "bad_linked_input", "model");
        assertRefused(with("3", "model", "[\"4\"]"), "3", "bad_linked_input", "model");
        assertRefused(with("3", "model", "\"embedded\""), "3", "bad_linked_input", "model");
        assertRefused(with("3", "model", "[\"4\", 1]"), "3", "return_type_mismatch", "received_type(CLIP)");
        assertRefused(with("3", "steps", "[\"4\", 0]"), "3", "return_type_mismatch", "steps, a link");
        assertRefused(with("9", "images", "[\"9\", 0]"), "9", "bad_linked_input", "SaveImage's output 0");
    }

    @Test
    void refusesAutoencodersByName() {
        JsonObject graph = and(basic(), "15", "VAELoader", "{\"vae_name\": \"other.vae.pt\"}");
        assertRefused(with(graph, "8", "vae", "[\"15\", 0]"), "15", "value_not_in_list", "'other.vae.pt' not in []");
    }

    @Test
    void refusesCircles() {
        JsonObject graph = and(
                basic(),
                "10",
                "LoraLoader",
                "{\"lora_name\": \"ink\", \"strength_model\": 1, \"strength_clip\": 1, \"model\": [\"11\", 0], \"clip\":"
                        + " [\"4\", 1]}");
        and(
                graph,
                "11",
                "LoraLoader",
                "{\"lora_name\": \"ink\", \"strength_model\": 1, \"strength_clip\": 1, \"model\": [\"10\", 0], \"clip\":"
                        + " [\"4\", 1]}");
        assertRefused(with(graph, "3", "model", "[\"10\", 0]"), "10", "dependency_cycle", "10, 11");
    }

    @Test
    void refusesWhatIsNoOneJob() {
        JsonObject chained = basic();
        chained.add("30", chained.get("3").deepCopy());
        assertRefused(
                with(chained, "3", "latent_image", "[\"30\", 0]"),
                "3",
                "custom_validation_failed",
                "latents of another sampler");
        assertRefused(with("3", "denoise", "0.5"), "3", "custom_validation_failed", "empty latents");
        assertRefused(with(fromImage(), "3", "denoise", "0"), "3", "custom_validation_failed", "denoise is 0");
        assertRefused(with("8", "samples", "[\"5\", 0]"), "8", "custom_validation_failed", "nothing was made of");
        assertRefused(
                with(fromImage(), "9", "images", "[\"20\", 0]"), "9", "custom_validation_failed", "that were sent");
        assertRefused(
                with(fromImage(), "20", "image", "\"other.png\""),
                "20",
                "custom_validation_failed",
                "Invalid image file: other.png");
        JsonObject made = fromImage();
        made.add("30", made.get("3").deepCopy());
        with(made, "30", "latent_image", "[\"5\", 0]");
        and(made, "31", "VAEDecode", "{\"samples\": [\"30\", 0], \"vae\": [\"4\", 2]}");
        assertRefused(
                with(made, "21", "pixels", "[\"31\", 0]"), "21", "custom_validation_failed", "that the graph makes");
    }

    @Test
    void refusesPartsOfSeveralModels() {
        JsonObject graph = and(basic(), "14", "CheckpointLoaderSimple", "{\"ckpt_name\": \"other\"}");
        assertRefused(with(graph, "8", "vae", "[\"14\", 2]"), "8", "custom_validation_failed", "vae of other");
        with(graph, "8", "vae", "[\"4\", 2]");
        assertRefused(with(graph, "7", "clip", "[\"14\", 1]"), "3", "custom_validation_failed", "another CLIP");
        assertRefused(with(graph, "6", "clip", "[\"14\", 1]"), "3", "custom_validation_failed", "positive of other");
    }
}
