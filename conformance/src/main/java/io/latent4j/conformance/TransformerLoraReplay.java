package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.model.Conditioning;
import io.latent4j.pipeline.model.Model;
import io.latent4j.pipeline.model.TextOptions;
import io.latent4j.pipeline.model.TextSession;
import io.latent4j.pipeline.model.transformer.Packing;
import io.latent4j.textencoder.PromptSyntax;
import io.latent4j.transformer.flux.FluxInput;
import io.latent4j.transformer.flux.FluxTransformer2DModel;
import io.latent4j.transformer.flux2.Flux2Input;
import io.latent4j.transformer.flux2.Flux2Transformer2DModel;
import io.latent4j.transformer.sd3.SD3Input;
import io.latent4j.transformer.sd3.SD3Transformer2DModel;
import io.latent4j.transformer.zimage.ZImageInput;
import io.latent4j.transformer.zimage.ZImageTransformer2DModel;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adapter files on a transformer and its text encoders: the prompt's states and the prediction with the adapter applied,
 * weights with it fused in, and the model as it was when both are over.
 */
final class TransformerLoraReplay {
    private static final Pattern OUTPUT = Pattern.compile("out\\.scale([0-9.]+)\\.([a-z].*)");
    private static final String MERGED = "merged.";
    private static final Map<String, LoraPart> PARTS = Map.of(
            "transformer", LoraPart.UNET,
            "text_encoder", LoraPart.TEXT_ENCODER,
            "text_encoder_2", LoraPart.TEXT_ENCODER_2,
            "text_encoder_3", LoraPart.TEXT_ENCODER_3);
    private static final int TOKENS = 32;
    private static final double TIME = 0.421;
    private static final double GUIDANCE = 3.5;

    private final CaseFile file;
    private final Model model;
    private final Comparison comparison;

    private TransformerLoraReplay(CaseFile file, Model model, Comparison comparison) {
        this.file = file;
        this.model = model;
        this.comparison = comparison;
    }

    @SuppressWarnings("try")
    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("sample", "context"));
        Model model = bench.anyModel(file.model());
        try (Lora lora = Lora.load(file.path("lora_file"), model.adaptable(), file.manager());
                NDScope scope = new NDScope()) {
            if (!lora.report().warnings().isEmpty()) {
                throw new IllegalStateException("ignored: " + lora.report().warnings());
            }
            new TransformerLoraReplay(file, model, comparison).run(lora);
        }
    }

    private void run(Lora lora) throws IOException {
        Map<String, NDArray> before = results(List.of());
        Map<Double, Map<String, NDArray>> got = new HashMap<>();
        Map<String, NDArray> asked = new HashMap<>();
        for (String output : file.names("out.")) {
            Matcher name = OUTPUT.matcher(output);
            if (name.matches()) {
                double strength = Double.parseDouble(name.group(1));
                if (!got.containsKey(strength)) {
                    got.put(strength, results(List.of(lora.at(strength))));
                    addFused(lora.at(strength), got.get(strength));
                }
                Optional.ofNullable(got.get(strength).get(name.group(2))).ifPresent(value -> asked.put(output, value));
            }
        }
        file.compare(comparison, asked, Set.of());
        Map<String, NDArray> after = results(List.of());
        for (Map.Entry<String, NDArray> entry : before.entrySet()) {
            comparison.arrays("base " + entry.getKey(), after.get(entry.getKey()), entry.getValue(), Tolerance.NONE);
        }
    }

    /** What the model makes of the inputs, by the names the case has for it. */
    private Map<String, NDArray> results(List<LoraUse> uses) throws IOException {
        Map<String, NDArray> results = new HashMap<>();
        Optional<Conditioning> text = Optional.empty();
        if (!file.has("in.context")) {
            text = Optional.of(read(uses));
            results.put("prompt_embeds", text.get().context());
            text.get().get(Conditioning.POOLED).ifPresent(pooled -> results.put("pooled", pooled));
        }
        Pass pass = Pass.inference().withAdapters(LoraUse.adapters(uses, LoraPart.UNET, file.manager()));
        results.put("sample", predict(pass, file.in("sample"), text));
        return results;
    }

    private Conditioning read(List<LoraUse> uses) {
        TextOptions options = new TextOptions(PromptSyntax.PLAIN, 1, OptionalInt.of(TOKENS));
        try (TextSession session = model.text().open(options, uses, file.manager())) {
            return session.conditioning(List.of(List.of(file.top("prompt"))), 8, 8, Optional.empty());
        }
    }

    private NDArray predict(Pass pass, NDArray sample, Optional<Conditioning> text) throws IOException {
        NamedBlock transformer = model.adaptable().parts().get(LoraPart.UNET);
        long height = sample.getShape().get(2);
        long width = sample.getShape().get(3);
        if (transformer instanceof SD3Transformer2DModel sd3) {
            return sd3.forward(
                    pass, SD3Input.of(sample, 1000 * TIME, text.orElseThrow().context(), pooled(text)));
        }
        if (transformer instanceof FluxTransformer2DModel flux) {
            OptionalDouble guidance =
                    flux.config().guidanceEmbeds() ? OptionalDouble.of(GUIDANCE) : OptionalDouble.empty();
            NDArray context = text.orElseThrow().context();
            return flux.forward(
                    pass,
                    FluxInput.of(Packing.packed(sample), TIME, context, pooled(text), height / 2, width / 2, guidance));
        }
        if (transformer instanceof Flux2Transformer2DModel flux2) {
            NDArray tokens =
                    sample.reshape(1, sample.getShape().get(1), height * width).transpose(0, 2, 1);
            NDArray context = file.in("context").expandDims(0);
            return flux2.forward(pass, Flux2Input.of(tokens, TIME, context, height, width, OptionalDouble.empty()));
        }
        if (transformer instanceof ZImageTransformer2DModel zImage) {
            return zImage.forward(pass, ZImageInput.of(sample, 1 - TIME, List.of(file.in("context"))));
        }
        throw new NotCovered("adapters of a " + transformer.getClass().getSimpleName());
    }

    private static NDArray pooled(Optional<Conditioning> text) {
        return text.flatMap(each -> each.get(Conditioning.POOLED)).orElseThrow();
    }

    /** Adds the weights that the case asks for, with the adapter in them. */
    private void addFused(LoraUse use, Map<String, NDArray> results) {
        try (LoraFuser fuser = LoraFuser.fuse(List.of(use))) {
            for (String output : file.names("out.")) {
                int at = output.indexOf(MERGED);
                if (at >= 0) {
                    String name = output.substring(at);
                    String[] part = name.substring(MERGED.length()).split("\\.", 2);
                    NamedBlock block = model.adaptable().parts().get(PARTS.get(part[0]));
                    results.put(
                            name, block.getParameters().get(part[1]).getArray().duplicate());
                }
            }
        }
    }
}
