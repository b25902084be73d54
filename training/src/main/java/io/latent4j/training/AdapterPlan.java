package io.latent4j.training;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.config.Bounds;
import io.latent4j.core.config.Config;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.LoraAlgorithm;
import io.latent4j.lora.LoraDesign;
import io.latent4j.lora.LoraNaming;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.TrainableLora;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The {@code adapter} section of a run file.
 *
 * @param section names the section in errors
 * @param from an adapter whose factors it begins with; empty for new ones
 * @param dropout the share that a step switches off, 0 to below 1
 * @param textRate the text encoder's learning rate as a part of the UNet's
 * @param upRate that of what is 0 at first in a product of low rank, as a part of the other factor's (<a
 *     href="https://arxiv.org/abs/2402.12354">Hayou et al. 2024</a>)
 * @param rates that of layers as a part of the others', by patterns of their names; the first that fits counts
 */
record AdapterPlan(
        Config section,
        LoraDesign design,
        Optional<Path> from,
        double dropout,
        double textRate,
        double upRate,
        Map<String, Double> rates,
        LoraNaming naming,
        StoredType type) {
    private static final String CONV_RANK = "conv_rank";
    private static final String CONV_ALPHA = "conv_alpha";

    AdapterPlan {
        rates = ImmutableMap.copyOf(rates);
    }

    /** By what the learning rate is multiplied for an array. */
    double rate(TrainableLora.Factor factor) {
        double part = factor.part() == LoraPart.UNET ? 1 : textRate;
        double layer = rates.entrySet().stream()
                .filter(rate -> LoraDesign.fits(rate.getKey(), factor.layer()))
                .findFirst()
                .map(Map.Entry::getValue)
                .orElse(1.0);
        return part * layer * (factor.isUp() ? upRate : 1);
    }

    /**
     * Refuses patterns of rates that fit nothing that is trained.
     *
     * @throws IllegalArgumentException naming the first
     */
    void checkRates(Collection<TrainableLora.Factor> factors) {
        for (String pattern : rates.keySet()) {
            if (factors.stream().noneMatch(factor -> LoraDesign.fits(pattern, factor.layer()))) {
                throw section.bad(
                        "rate_factors",
                        pattern + " fits no layer that is trained; expected a pattern such as down_blocks.*");
            }
        }
    }

    /** Reads the section, each key with its default. */
    static AdapterPlan read(Config adapter) {
        LoraAlgorithm algorithm = adapter.choice("algorithm", LoraAlgorithm.LORA);
        double upRate = adapter.real("up_rate_factor", Bounds.positive(), 1);
        boolean lowRank = algorithm == LoraAlgorithm.LORA || algorithm == LoraAlgorithm.LOCON;
        if (!lowRank && upRate != 1) {
            adapter.refuse(
                    "up_rate_factor", "is " + upRate + "; expected none or 1, as algorithm is neither lora nor locon");
        }
        Config text = adapter.section("text_encoder");
        LoraDesign design = design(adapter, algorithm, targets(adapter.section("unet"), text, algorithm));
        double dropout = adapter.real("dropout", 0);
        if (!(dropout >= 0 && dropout < 1)) {
            adapter.refuse("dropout", "is " + dropout + "; expected 0 to below 1");
        }
        Map<String, Double> rates = adapter.numbers("rate_factors", Bounds.positive());
        rates.keySet().forEach(pattern -> adapter.checked(() -> LoraDesign.fits(pattern, "")));
        Config file = adapter.section("file");
        LoraNaming naming = file.choice("naming", LoraNaming.KOHYA);
        if (naming == LoraNaming.PROCESSORS || naming == LoraNaming.XLABS) {
            file.refuse("naming", "is read and not written; expected kohya, peft or diffusers");
        }
        StoredType type = file.choice("type", StoredType.F16);
        if (!type.isFloating()) {
            file.refuse("type", "is " + type + "; expected f32, f16 or bf16");
        }
        return new AdapterPlan(
                adapter,
                design,
                adapter.path("from"),
                dropout >= 0 && dropout < 1 ? dropout : 0,
                text.real("rate_factor", Bounds.positive(), 1),
                upRate,
                rates,
                naming,
                type);
    }

    private static LoraDesign design(Config adapter, LoraAlgorithm algorithm, Map<LoraPart, List<String>> targets) {
        int rank = adapter.integer("rank", Bounds.atLeast(1), 8);
        double alpha = adapter.real("alpha", Bounds.positive(), rank);
        boolean stabilized = adapter.flag("rank_stabilized", false);
        boolean dora = adapter.flag("dora", false);
        int convRank = adapter.integer(CONV_RANK, Bounds.atLeast(1), rank);
        double wider = (double) convRank / rank;
        double convAlpha = adapter.real(CONV_ALPHA, Bounds.positive(), alpha * (stabilized ? Math.sqrt(wider) : wider));
        int factor = adapter.integer("factor", Bounds.atLeast(1), Integer.MAX_VALUE);
        if (algorithm == LoraAlgorithm.LORA) {
            refuseKernels(adapter, "algorithm is lora, which adapts no convolutions with kernels");
        }
        if (algorithm != LoraAlgorithm.LOKR) {
            adapter.refuseWithoutEffect("algorithm is not lokr", "factor");
        }
        return adapter.checked(() -> new LoraDesign(
                        algorithm,
                        rank,
                        alpha,
                        new LoraDesign.Kernels(convRank, convAlpha),
                        adapter.has("factor") ? OptionalInt.of(factor) : OptionalInt.empty(),
                        stabilized,
                        dora,
                        targets))
                .orElseGet(() -> new LoraDesign(
                        algorithm, 1, 1, false, false, Map.of(LoraPart.UNET, LoraDesign.UNET_ATTENTION)));
    }

    private static Map<LoraPart, List<String>> targets(Config unet, Config text, LoraAlgorithm algorithm) {
        Map<LoraPart, List<String>> targets = new EnumMap<>(LoraPart.class);
        List<String> ofUnet = targets(
                unet, algorithm == LoraAlgorithm.LOCON ? LoraDesign.UNET_WITH_CONVOLUTIONS : LoraDesign.UNET_ATTENTION);
        if (unet.flag("train", true)) {
            targets.put(LoraPart.UNET, ofUnet);
        }
        List<String> ofText = targets(text, LoraDesign.TEXT_ATTENTION);
        if (text.flag("train", false)) {
            targets.put(LoraPart.TEXT_ENCODER, ofText);
            targets.put(LoraPart.TEXT_ENCODER_2, ofText);
        }
        return targets;
    }

    private static List<String> targets(Config part, List<String> absent) {
        List<String> given = part.texts("targets", List.of());
        given.forEach(target -> part.checked(() -> LoraDesign.fits(target, ""))); // which refuses what is no pattern
        return given.isEmpty() ? absent : given;
    }

    /** Refuses the keys about convolutions with kernels of an adapter that has none. */
    void refuseKernels(String reason) {
        refuseKernels(section, reason);
    }

    private static void refuseKernels(Config adapter, String reason) {
        adapter.refuseWithoutEffect(reason, CONV_RANK, CONV_ALPHA);
    }
}
