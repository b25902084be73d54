package io.latent4j.pipeline.model.transformer;

import io.latent4j.lora.AdapterNames.Aliases;
import io.latent4j.lora.AdapterNames.Part;
import java.util.List;
import java.util.stream.Stream;

/** How adapter files name the layers of transformers and of the text encoders that only they have. */
public final class TransformerAdapterNames {
    private static final List<String> TRANSFORMER =
            List.of("lora_unet_", "lora_transformer_", "diffusion_model.", "model.diffusion_model.", "unet.");

    private static final List<String> T5 = List.of("text_encoders.t5xxl.transformer.", "t5xxl.transformer.", "t5xxl.");

    private TransformerAdapterNames() {}

    /**
     * Those of the transformer, by the names of its blocks. Names of the original layout, where the network has one, are read
     * besides.
     *
     * @param kohya what they begin with in kohya's files
     */
    public static Part transformer(String kohya) {
        return new Part(kohya, "transformer.", others(TRANSFORMER, kohya), Aliases.NONE, false);
    }

    /**
     * Those of T5, which is kohya's third text encoder, wherever it stands here.
     *
     * @param dotted what they begin with in diffusers' files
     */
    public static Part t5(String dotted) {
        return new Part("lora_te3_", dotted, T5, Aliases.NONE, false);
    }

    /** Those of Qwen3. */
    public static Part qwen() {
        return new Part("lora_te_", "text_encoder.", List.of("lora_te1_"), Aliases.without("model."), false);
    }

    private static List<String> others(List<String> all, String written) {
        return Stream.of(all)
                .flatMap(List::stream)
                .filter(each -> !each.equals(written))
                .toList();
    }
}
