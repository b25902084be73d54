package io.latent4j.server.comfy;

import com.google.gson.JsonObject;
import io.latent4j.server.comfy.NodeType.Input;
import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The classes of nodes that are known here, with the names that a client may choose of. */
final class NodeTypes {
    static final String CHECKPOINT = "CheckpointLoaderSimple";
    static final String VAE_LOADER = "VAELoader";
    static final String UNET_LOADER = "UNETLoader";
    static final String LORA = "LoraLoader";
    static final String TEXT = "CLIPTextEncode";
    static final String LAYER = "CLIPSetLastLayer";
    static final String EMPTY = "EmptyLatentImage";
    static final String SAMPLER = "KSampler";
    static final String ADVANCED = "KSamplerAdvanced";
    static final String DECODE = "VAEDecode";
    static final String ENCODE = "VAEEncode";
    static final String ENCODE_FOR_INPAINT = "VAEEncodeForInpaint";
    static final String NOISE_MASK = "SetLatentNoiseMask";
    static final String LOAD_IMAGE = "LoadImage";
    static final String LOAD_MASK = "LoadImageMask";
    static final String SAVE = "SaveImage";
    static final String PREVIEW = "PreviewImage";

    private static final String MODEL_TYPE = "MODEL";
    private static final String CLIP_TYPE = "CLIP";
    private static final String VAE_TYPE = "VAE";
    private static final String CONDITIONING_TYPE = "CONDITIONING";
    private static final String LATENT_TYPE = "LATENT";
    private static final String IMAGE_TYPE = "IMAGE";
    private static final String MASK_TYPE = "MASK";
    private static final BigInteger MOST_SEED = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final List<String> CHANNELS = List.of("alpha", "red", "green", "blue");
    private static final List<String> SWITCH = List.of("enable", "disable");
    private static final int MOST_STEPS = 10_000;
    private static final int MOST_SIDE = 16_384;

    private final Map<String, NodeType> types = new LinkedHashMap<>();

    /**
     * @param checkpoints names of models
     * @param loras names of adapters
     * @param images names of images that the client sent
     */
    NodeTypes(List<String> checkpoints, List<String> loras, List<String> images) {
        loaders(checkpoints, loras);
        parts();
        texts();
        latents();
        samplers();
        images(images);
    }

    private void add(
            String name, String title, String category, List<Input> inputs, List<String> outputs, boolean keepsImages) {
        types.put(name, new NodeType(name, title, category, inputs, outputs, keepsImages));
    }

    private void loaders(List<String> checkpoints, List<String> loras) {
        add(
                CHECKPOINT,
                "Load Checkpoint",
                "loaders",
                List.of(new Input("ckpt_name", new Kind.Choice(checkpoints, Kind.Choice.Taking.FILES))),
                List.of(MODEL_TYPE, CLIP_TYPE, VAE_TYPE),
                false);
        add(
                LORA,
                "Load LoRA",
                "loaders",
                List.of(
                        link("model", MODEL_TYPE),
                        link("clip", CLIP_TYPE),
                        new Input("lora_name", new Kind.Choice(loras, Kind.Choice.Taking.FILES)),
                        new Input("strength_model", new Kind.Real(-100, 100, 1, 0.01)),
                        new Input("strength_clip", new Kind.Real(-100, 100, 1, 0.01))),
                List.of(MODEL_TYPE, CLIP_TYPE),
                false);
    }

    /** No parts but those of models: clients look for the names that these nodes would take. */
    private void parts() {
        add(
                VAE_LOADER,
                "Load VAE",
                "loaders",
                List.of(new Input("vae_name", new Kind.Choice(List.of()))),
                List.of(VAE_TYPE),
                false);
        add(
                UNET_LOADER,
                "Load Diffusion Model",
                "advanced/loaders",
                List.of(
                        new Input("unet_name", new Kind.Choice(List.of())),
                        new Input("weight_dtype", new Kind.Choice(List.of("default")))),
                List.of(MODEL_TYPE),
                false);
    }

    private void texts() {
        add(
                TEXT,
                "CLIP Text Encode (Prompt)",
                "conditioning",
                List.of(new Input("text", new Kind.Text("", true)), link("clip", CLIP_TYPE)),
                List.of(CONDITIONING_TYPE),
                false);
        add(
                LAYER,
                "CLIP Set Last Layer",
                "conditioning",
                List.of(link("clip", CLIP_TYPE), new Input("stop_at_clip_layer", new Kind.Whole(-24, -1, -1))),
                List.of(CLIP_TYPE),
                false);
    }

    private void latents() {
        add(
                EMPTY,
                "Empty Latent Image",
                "latent",
                List.of(
                        new Input("width", new Kind.Whole(16, MOST_SIDE, 512)),
                        new Input("height", new Kind.Whole(16, MOST_SIDE, 512)),
                        new Input("batch_size", new Kind.Whole(1, 4096, 1))),
                List.of(LATENT_TYPE),
                false);
        add(
                ENCODE,
                "VAE Encode",
                "latent",
                List.of(link("pixels", IMAGE_TYPE), link("vae", VAE_TYPE)),
                List.of(LATENT_TYPE),
                false);
        add(
                ENCODE_FOR_INPAINT,
                "VAE Encode (for Inpainting)",
                "latent/inpaint",
                List.of(
                        link("pixels", IMAGE_TYPE),
                        link("vae", VAE_TYPE),
                        link("mask", MASK_TYPE),
                        new Input("grow_mask_by", new Kind.Whole(0, 64, 6))),
                List.of(LATENT_TYPE),
                false);
        add(
                NOISE_MASK,
                "Set Latent Noise Mask",
                "latent/inpaint",
                List.of(link("samples", LATENT_TYPE), link("mask", MASK_TYPE)),
                List.of(LATENT_TYPE),
                false);
        add(
                DECODE,
                "VAE Decode",
                "latent",
                List.of(link("samples", LATENT_TYPE), link("vae", VAE_TYPE)),
                List.of(IMAGE_TYPE),
                false);
    }

    private void samplers() {
        Input steps = new Input("steps", new Kind.Whole(1, MOST_STEPS, 20));
        Input scale = new Input("cfg", new Kind.Real(0, 100, 8, 0.1));
        Input sampler = new Input("sampler_name", new Kind.Choice(ComfySamplers.NAMES));
        Input scheduler = new Input("scheduler", new Kind.Choice(ComfySamplers.SPACINGS));
        Input positive = link("positive", CONDITIONING_TYPE);
        Input negative = link("negative", CONDITIONING_TYPE);
        Input latents = link("latent_image", LATENT_TYPE);
        add(
                SAMPLER,
                "KSampler",
                "sampling",
                List.of(
                        link("model", MODEL_TYPE),
                        seed("seed"),
                        steps,
                        scale,
                        sampler,
                        scheduler,
                        positive,
                        negative,
                        latents,
                        new Input("denoise", new Kind.Real(0, 1, 1, 0.01))),
                List.of(LATENT_TYPE),
                false);
        add(
                ADVANCED,
                "KSampler (Advanced)",
                "sampling",
                List.of(
                        link("model", MODEL_TYPE),
                        new Input("add_noise", new Kind.Choice(SWITCH)),
                        seed("noise_seed"),
                        steps,
                        scale,
                        sampler,
                        scheduler,
                        positive,
                        negative,
                        latents,
                        new Input("start_at_step", new Kind.Whole(0, MOST_STEPS, 0)),
                        new Input("end_at_step", new Kind.Whole(0, MOST_STEPS, MOST_STEPS)),
                        new Input("return_with_leftover_noise", new Kind.Choice(List.of("disable", "enable")))),
                List.of(LATENT_TYPE),
                false);
    }

    private void images(List<String> images) {
        add(
                LOAD_IMAGE,
                "Load Image",
                "image",
                List.of(new Input("image", new Kind.Choice(images, Kind.Choice.Taking.ALL))),
                List.of(IMAGE_TYPE, MASK_TYPE),
                false);
        add(
                LOAD_MASK,
                "Load Image (as Mask)",
                "mask",
                List.of(
                        new Input("image", new Kind.Choice(images, Kind.Choice.Taking.ALL)),
                        new Input("channel", new Kind.Choice(CHANNELS))),
                List.of(MASK_TYPE),
                false);
        add(
                SAVE,
                "Save Image",
                "image",
                List.of(link("images", IMAGE_TYPE), new Input("filename_prefix", new Kind.Text("ComfyUI", false))),
                List.of(),
                true);
        add(PREVIEW, "Preview Image", "image", List.of(link("images", IMAGE_TYPE)), List.of(), true);
    }

    private static Input link(String name, String type) {
        return new Input(name, new Kind.Link(type));
    }

    private static Input seed(String name) {
        return new Input(name, new Kind.Whole(BigInteger.ZERO, MOST_SEED, 0));
    }

    /** The class of this name. */
    Optional<NodeType> of(String name) {
        return Optional.ofNullable(types.get(name));
    }

    /** What {@code /object_info} says of all. */
    JsonObject json() {
        JsonObject json = new JsonObject();
        types.forEach((name, type) -> json.add(name, type.json()));
        return json;
    }
}
