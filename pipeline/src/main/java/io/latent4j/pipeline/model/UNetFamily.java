package io.latent4j.pipeline.model;

import io.latent4j.core.config.Config;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.LoraPart;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.textencoder.catalogue.TextEncoders;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** A family of models of a UNet in an autoencoder's latents, with text encoders whose states it attends to. */
public interface UNetFamily extends ModelFamily {
    /** Layers that make keys of texts, with dots or underscores. */
    Pattern TEXT_KEYS = Pattern.compile(".*attn2.to_k");

    /** The folders that each of its models has. */
    List<String> folders();

    /** Its text encoders, in the order of their states in the context. */
    List<TextPart> textParts();

    /**
     * How the conditioning is made.
     *
     * @param index the model's {@code model_index.json}
     * @param place the model's files, for messages
     * @throws IllegalArgumentException if the UNet does not take what the encoders return
     */
    UNetConditions conditions(Config index, UNet2DConditionConfig unet, List<TextReader> readers, String place);

    @Override
    default AdaptableModel adaptable(ModelFiles files) throws IOException {
        Map<LoraPart, NamedBlock> adaptable = new EnumMap<>(LoraPart.class);
        adaptable.put(
                LoraPart.UNET, new UNet2DConditionModel(UNet2DConditionConfig.from(files.json("unet/config.json"))));
        for (TextPart part : textParts()) {
            if (files.has(part.encoder())) {
                Config config = files.json(part.encoder() + "/config.json");
                adaptable.put(part.part(), TextEncoders.of(config).block());
            }
        }
        return adaptable(adaptable);
    }

    /** Parts of a model that adapters can change, beside all families that are known. */
    default AdaptableModel adaptable(Map<LoraPart, NamedBlock> parts) {
        return new AdaptableModel(
                adapterNames(), parts, layers -> Families.installed().adapterOrigin(layers));
    }

    /** How wide the texts are that an adapter's layers attend to; empty if it has no such layer. */
    static OptionalLong textWidth(Map<String, Long> layers) {
        return layers.entrySet().stream()
                .filter(layer -> TEXT_KEYS.matcher(layer.getKey()).matches() && layer.getValue() > 0)
                .mapToLong(Map.Entry::getValue)
                .findFirst();
    }

    @Override
    default Components open(String name, ModelFiles files, Placement placement) throws IOException {
        return ComponentsLoader.open(this, name, files, placement);
    }
}
