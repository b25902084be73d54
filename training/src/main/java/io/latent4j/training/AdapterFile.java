package io.latent4j.training;

import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.LoraAlgorithm;
import io.latent4j.lora.LoraDesign;
import io.latent4j.lora.LoraNaming;
import io.latent4j.lora.LoraPart;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The {@code adapter} section of a run file.
 *
 * @param dropout the share that a step switches off, 0 to below 1
 * @param textRate the text encoder's learning rate as a part of the UNet's
 */
record AdapterFile(LoraDesign design, double dropout, double textRate, LoraNaming naming, StoredType type) {

    AdapterFile {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + "; expected 0 to below 1");
        }
        if (!(textRate > 0)) {
            throw new IllegalArgumentException("rate_factor is " + textRate + "; expected above 0");
        }
    }

    /** The settings of {@code adapter}, each with its default. */
    static AdapterFile read(RunFile adapter) {
        LoraAlgorithm algorithm = adapter.choice("algorithm", LoraAlgorithm.LORA);
        int rank = adapter.integer("rank", 1, 8);
        double alpha = adapter.real("alpha", rank);
        boolean stabilized = adapter.flag("rank_stabilized", false);
        boolean dora = adapter.flag("dora", false);
        RunFile unet = adapter.section("unet");
        RunFile text = adapter.section("text_encoder");
        Map<LoraPart, List<String>> targets = new EnumMap<>(LoraPart.class);
        if (unet.flag("train", true)) {
            targets.put(LoraPart.UNET, targets(unet, defaults(algorithm)));
        } else {
            unet.texts("targets");
        }
        double textRate = text.real("rate_factor", 1);
        if (text.flag("train", false)) {
            targets.put(LoraPart.TEXT_ENCODER, targets(text, LoraDesign.TEXT_ATTENTION));
        } else {
            text.texts("targets");
        }
        RunFile file = adapter.section("file");
        LoraNaming naming = file.choice("naming", LoraNaming.KOHYA);
        if (naming == LoraNaming.PROCESSORS) {
            throw file.bad("naming", "processors", "kohya, peft or diffusers");
        }
        StoredType type = file.choice("type", StoredType.F16);
        if (!type.isFloating()) {
            throw file.bad("type", type, "f32, f16 or bf16");
        }
        return new AdapterFile(
                new LoraDesign(algorithm, rank, alpha, stabilized, dora, targets),
                adapter.real("dropout", 0),
                textRate,
                naming,
                type);
    }

    private static List<String> defaults(LoraAlgorithm algorithm) {
        return algorithm == LoraAlgorithm.LOCON ? LoraDesign.UNET_WITH_CONVOLUTIONS : LoraDesign.UNET_ATTENTION;
    }

    private static List<String> targets(RunFile part, List<String> absent) {
        List<String> given = part.texts("targets");
        return given.isEmpty() ? absent : given;
    }
}
