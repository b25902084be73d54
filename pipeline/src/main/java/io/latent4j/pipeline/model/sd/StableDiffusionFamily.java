package io.latent4j.pipeline.model.sd;

import io.latent4j.core.config.Config;
import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.SingleFileLayout;
import io.latent4j.pipeline.model.Components;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.TextPart;
import io.latent4j.pipeline.model.TextReader;
import io.latent4j.pipeline.model.UNetAdapterNames;
import io.latent4j.pipeline.model.UNetConditions;
import io.latent4j.pipeline.model.UNetFamily;
import io.latent4j.unet.UNet2DConditionConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Stable Diffusion 1 and 2 (<a href="https://arxiv.org/abs/2112.10752">Rombach et al. 2021</a>), and what was made of them
 * for inpainting, for velocity, and by distillation to few steps.
 */
public final class StableDiffusionFamily implements UNetFamily {
    private static final List<String> CLASSES = List.of(
            "StableDiffusionPipeline",
            "StableDiffusionImg2ImgPipeline",
            "StableDiffusionInpaintPipeline",
            "LatentConsistencyModelPipeline",
            "LatentConsistencyModelImg2ImgPipeline");
    /** What latents are multiplied by. */
    static final double LATENT_SCALE = 0.18215;

    private static final int WIDTH_OF_1 = 768;
    private static final int WIDTH_OF_2 = 1024;

    @Override
    public String title() {
        return "Stable Diffusion";
    }

    @Override
    public Set<String> classNames() {
        return new TreeSet<>(CLASSES);
    }

    @Override
    public List<SingleFileLayout> singleFiles() {
        return List.of(new StableDiffusion1Layout(), new StableDiffusion2Layout());
    }

    /** The {@code _class_name} of a model in a single file. */
    static String className(boolean inpaints) {
        return inpaints ? "StableDiffusionInpaintPipeline" : "StableDiffusionPipeline";
    }

    /** The sampler of a model in a single file; DDIM where runs begin at noise alone. */
    static String sampler(boolean toZeroSnr) {
        return toZeroSnr ? "DDIMScheduler" : "PNDMScheduler";
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder", "tokenizer", "unet", "vae");
    }

    @Override
    public List<TextPart> textParts() {
        return List.of(TextPart.only());
    }

    @Override
    public UNetConditions conditions(Config index, UNet2DConditionConfig unet, List<TextReader> readers, String place) {
        if (unet.takesAddedConditions()) {
            throw new IllegalArgumentException(place + "/unet/config.json: addition_embed_type is set, which is for"
                    + " another family, such as Stable Diffusion XL; expected none with the _class_name in"
                    + " model_index.json");
        }
        return UNetConditions.STATES;
    }

    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET, UNetAdapterNames.unet(false),
                LoraPart.TEXT_ENCODER, UNetAdapterNames.firstText("lora_te_"),
                LoraPart.TEXT_ENCODER_2, UNetAdapterNames.secondText()));
    }

    @Override
    public Optional<String> adapterOrigin(Map<String, Long> layers) {
        long width = UNetFamily.textWidth(layers).orElse(0);
        return width == WIDTH_OF_1
                ? Optional.of("Stable Diffusion 1")
                : width == WIDTH_OF_2 ? Optional.of("Stable Diffusion 2") : Optional.empty();
    }

    @Override
    public Map<String, String> adapterMetadata(Model model) {
        int width = model instanceof Components parts ? parts.unet().config().crossAttentionDim() : 0;
        if (width != WIDTH_OF_1 && width != WIDTH_OF_2) {
            return UNetFamily.super.adapterMetadata(model);
        }
        boolean isFirst = width == WIDTH_OF_1;
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("ss_base_model_version", isFirst ? "sd_v1" : "sd_v2");
        metadata.put("ss_v2", isFirst ? "False" : "True");
        metadata.put("modelspec.sai_model_spec", "1.0.0");
        metadata.put("modelspec.architecture", (isFirst ? "stable-diffusion-v1" : "stable-diffusion-v2") + "/lora");
        return metadata;
    }
}
