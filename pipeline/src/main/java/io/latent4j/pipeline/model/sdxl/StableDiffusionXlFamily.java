package io.latent4j.pipeline.model.sdxl;

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

/** Stable Diffusion XL and its refiner (<a href="https://arxiv.org/abs/2307.01952">Podell et al. 2023</a>). */
public final class StableDiffusionXlFamily implements UNetFamily {
    private static final List<String> CLASSES = List.of(
            "StableDiffusionXLPipeline", "StableDiffusionXLImg2ImgPipeline", "StableDiffusionXLInpaintPipeline");
    private static final int WIDTH = 2048;

    @Override
    public String title() {
        return "Stable Diffusion XL";
    }

    @Override
    public Set<String> classNames() {
        return new TreeSet<>(CLASSES);
    }

    @Override
    public List<SingleFileLayout> singleFiles() {
        return List.of(new StableDiffusionXlLayout(false), new StableDiffusionXlLayout(true));
    }

    @Override
    public List<String> folders() {
        return List.of("scheduler", "text_encoder_2", "tokenizer_2", "unet", "vae");
    }

    /** The refiner has the second encoder alone. */
    @Override
    public List<TextPart> textParts() {
        return List.of(
                new TextPart("", LoraPart.TEXT_ENCODER, true, 0, 2),
                new TextPart("_2", LoraPart.TEXT_ENCODER_2, false, 1, 2));
    }

    @Override
    public UNetConditions conditions(Config index, UNet2DConditionConfig unet, List<TextReader> readers, String place) {
        UNet2DConditionConfig.TextTime added = unet.textTime()
                .orElseThrow(() -> new IllegalArgumentException(place
                        + "/unet/config.json: addition_embed_type is not there; expected \"text_time\" in a"
                        + " Stable Diffusion XL"));
        int pooled = readers.get(readers.size() - 1).encoder().config().projection();
        int numbers = (added.inputDim() - pooled) / added.timeEmbedDim();
        int rest = added.inputDim() - pooled - numbers * added.timeEmbedDim();
        if (rest != 0 || numbers < 5 || numbers > 6) {
            throw new IllegalArgumentException(place + "/unet/config.json: projection_class_embeddings_input_dim is "
                    + added.inputDim() + "; expected the last text encoder's projection_dim, " + pooled
                    + ", and 5 or 6 times addition_time_embed_dim, " + added.timeEmbedDim());
        }
        return new XlConditions(numbers, index.flag("force_zeros_for_empty_prompt", true));
    }

    /** Kohya's files have the UNet's original names, and numbers for the two text encoders. */
    @Override
    public AdapterNames adapterNames() {
        return new AdapterNames(Map.of(
                LoraPart.UNET, UNetAdapterNames.unet(true),
                LoraPart.TEXT_ENCODER, UNetAdapterNames.firstText("lora_te1_"),
                LoraPart.TEXT_ENCODER_2, UNetAdapterNames.secondText()));
    }

    @Override
    public Optional<String> adapterOrigin(Map<String, Long> layers) {
        boolean readsBySecond = layers.keySet().stream()
                .anyMatch(name -> name.startsWith("lora_te2_") || name.startsWith("text_encoder_2."));
        return readsBySecond || UNetFamily.textWidth(layers).orElse(0) == WIDTH
                ? Optional.of(title())
                : Optional.empty();
    }

    @Override
    public Map<String, String> adapterMetadata(Model model) {
        if (!(model instanceof Components parts) || parts.unet().config().crossAttentionDim() != WIDTH) {
            return UNetFamily.super.adapterMetadata(model);
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("ss_base_model_version", "sdxl_base_v1-0");
        metadata.put("ss_v2", "False");
        metadata.put("modelspec.sai_model_spec", "1.0.0");
        metadata.put("modelspec.architecture", "stable-diffusion-xl-v1-base/lora");
        return metadata;
    }
}
