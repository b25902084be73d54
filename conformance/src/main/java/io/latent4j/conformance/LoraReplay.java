package io.latent4j.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.DataType;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Pass;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.ops.Ops;
import io.latent4j.lora.AdaptableModel;
import io.latent4j.lora.AdapterNames;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraFuser;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.LoraUse;
import io.latent4j.pipeline.files.ModelFiles;
import io.latent4j.pipeline.model.Families;
import io.latent4j.textencoder.ClipTextModel;
import io.latent4j.textencoder.TextStates;
import io.latent4j.unet.AddedConditions;
import io.latent4j.unet.UNet2DConditionModel;
import io.latent4j.unet.UNetInput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adapter files on a text encoder and a UNet: hidden states and predictions with the adapter applied, weights with it fused
 * in, and the model as it was when both are over. Of the ways a strength can act on DoRA, ours is compared, and the others
 * where they agree with it.
 *
 * <p>The text that SDXL's UNet reads has no tolerance of its own: 1e-5 is taken, and a relative 1e-4.
 */
final class LoraReplay {
    private static final Pattern OUTPUT =
            Pattern.compile("out\\.(?:(peft|lerp|lycoris)\\.)?scale([0-9.]+)\\.([a-z].*)");
    private static final Tolerance TEXT = new Tolerance(1e-5, 1e-4);
    private static final String MERGED = "merged.";

    private final CaseFile file;
    private final Models models;
    private final Comparison comparison;

    private LoraReplay(CaseFile file, Models models, Comparison comparison) {
        this.file = file;
        this.models = models;
        this.comparison = comparison;
    }

    /** The parts of a model that adapters change. */
    private record Models(
            AdapterNames names, UNet2DConditionModel unet, ClipTextModel text, Optional<ClipTextModel> text2) {

        static Models load(Path folder, NDManager manager, Precision precision) throws IOException {
            Path second = folder.resolve("text_encoder_2");
            return new Models(
                    Families.installed().of(ModelFiles.of(folder)).adapterNames(),
                    UNet2DConditionModel.load(folder.resolve("unet"), manager, precision),
                    ClipTextModel.load(folder.resolve("text_encoder"), manager, precision),
                    Files.isDirectory(second)
                            ? Optional.of(ClipTextModel.load(second, manager, precision))
                            : Optional.empty());
        }

        AdaptableModel adaptable() {
            Map<LoraPart, NamedBlock> parts = new EnumMap<>(LoraPart.class);
            parts.put(LoraPart.UNET, unet);
            parts.put(LoraPart.TEXT_ENCODER, text);
            text2.ifPresent(encoder -> parts.put(LoraPart.TEXT_ENCODER_2, encoder));
            return new AdaptableModel(names, parts);
        }
    }

    static void run(CaseFile file, Workbench bench, Comparison comparison) throws IOException {
        file.allInputsIn(Set.of("input_ids", "input_ids_2", "timestep", "sample", "time_ids"));
        Models models = bench.model(Models.class, file.model(), Models::load);
        try (Lora lora = Lora.load(file.path("lora_file"), models.adaptable(), file.manager())) {
            if (!lora.report().unmatched().isEmpty()) {
                throw new IllegalStateException("no layers for " + lora.report().unmatched());
            }
            new LoraReplay(file, models, comparison).run(lora);
        }
    }

    @SuppressWarnings("try")
    private void run(Lora lora) throws IOException {
        Map<Double, Map<String, NDArray>> got = new HashMap<>();
        try (NDScope scope = new NDScope()) {
            Map<String, NDArray> before = results(List.of());
            Map<String, NDArray> asked = new HashMap<>();
            Set<String> otherWays = new HashSet<>();
            for (String output : file.names("out.")) {
                Matcher name = OUTPUT.matcher(output);
                if (!name.matches()) {
                    continue;
                }
                double strength = Double.parseDouble(name.group(2));
                if (strength != 1 && name.group(1) != null && !name.group(1).equals("peft")) {
                    otherWays.add(output);
                    continue;
                }
                if (!got.containsKey(strength)) {
                    got.put(strength, results(List.of(lora.at(strength))));
                    fused(lora.at(strength), got.get(strength));
                }
                NDArray value = got.get(strength).get(name.group(3));
                if (value != null) {
                    asked.put(output, value);
                }
            }
            file.compare(comparison, asked, otherWays);
            for (String text : List.of("prompt_embeds", "pooled")) {
                for (Map.Entry<String, NDArray> entry : asked.entrySet()) {
                    if (entry.getKey().endsWith("." + text)) {
                        comparison.arrays(entry.getKey(), entry.getValue(), file.tensor(entry.getKey()), TEXT);
                    }
                }
            }
            Map<String, NDArray> after = results(List.of());
            for (Map.Entry<String, NDArray> entry : before.entrySet()) {
                comparison.arrays(
                        "base " + entry.getKey(), after.get(entry.getKey()), entry.getValue(), Tolerance.NONE);
            }
        }
    }

    /** What the model makes of the inputs, by the names the case has for it. */
    private Map<String, NDArray> results(List<LoraUse> uses) throws IOException {
        Pass text = pass(uses, LoraPart.TEXT_ENCODER);
        TextStates states = models.text().forward(text, file.in("input_ids"));
        Map<String, NDArray> results = new HashMap<>();
        NDArray context = states.last();
        Optional<AddedConditions> added = Optional.empty();
        if (models.text2().isPresent()) {
            TextStates states2 =
                    models.text2().get().forward(pass(uses, LoraPart.TEXT_ENCODER_2), file.in("input_ids_2"));
            context = states.penultimate().concat(states2.penultimate(), 2);
            NDArray pooled = states2.projected().orElseThrow();
            added = Optional.of(new AddedConditions(pooled, file.in("time_ids")));
            results.put("prompt_embeds", context);
            results.put("pooled", pooled);
        } else {
            results.put("hidden", context);
        }
        NDArray timestep = Ops.cast(file.in("timestep"), DataType.FLOAT32);
        results.put(
                "unet",
                models.unet()
                        .forward(
                                pass(uses, LoraPart.UNET),
                                UNetInput.of(file.in("sample"), timestep, context)
                                        .withAdded(added)));
        return results;
    }

    private Pass pass(List<LoraUse> uses, LoraPart part) {
        return Pass.inference().withAdapters(LoraUse.adapters(uses, part, file.manager()));
    }

    /** Adds the weights that the case asks for, with the adapter in them. */
    private void fused(LoraUse use, Map<String, NDArray> results) {
        try (LoraFuser fuser = LoraFuser.fuse(List.of(use))) {
            Map<String, NamedBlock> parts = Map.of("unet", models.unet(), "text_encoder", models.text());
            for (String output : file.names("out.")) {
                int at = output.indexOf(MERGED);
                if (at >= 0) {
                    String name = output.substring(at);
                    String[] part = name.substring(MERGED.length()).split("\\.", 2);
                    results.put(
                            name,
                            parts.get(part[0])
                                    .getParameters()
                                    .get(part[1])
                                    .getArray()
                                    .duplicate());
                }
            }
        }
    }
}
