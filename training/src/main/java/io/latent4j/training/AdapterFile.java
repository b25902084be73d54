package io.latent4j.training;

import com.google.common.collect.ImmutableMap;
import io.latent4j.core.weights.StoredType;
import io.latent4j.lora.LoraAlgorithm;
import io.latent4j.lora.LoraDesign;
import io.latent4j.lora.LoraNaming;
import io.latent4j.lora.LoraPart;
import io.latent4j.lora.TrainableLora;
import io.latent4j.training.config.RunFile;
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
 * @param from an adapter whose factors it begins with; empty for new ones
 * @param dropout the share that a step switches off, 0 to below 1
 * @param textRate the text encoder's learning rate as a part of the UNet's
 * @param upRate that of what is 0 at first in a product of low rank, as a part of the other factor's (<a
 *     href="https://arxiv.org/abs/2402.12354">Hayou et al. 2024</a>)
 * @param rates that of layers as a part of the others', by patterns of their names; the first that fits counts
 */
record AdapterFile(
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

    AdapterFile {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + "; expected 0 to below 1");
        }
        rates = ImmutableMap.copyOf(rates);
        checkRate("text_encoder rate_factor", textRate);
        checkRate("up_rate_factor", upRate);
        rates.forEach((pattern, factor) -> checkRate("rate_factors " + pattern, factor));
    }

    private static void checkRate(String what, double factor) {
        if (!(factor > 0 && Double.isFinite(factor))) {
            throw new IllegalArgumentException(what + " is " + factor + "; expected above 0");
        }
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
                throw new IllegalArgumentException("rate_factors " + pattern
                        + " fits no layer that is trained; expected a pattern such as down_blocks.*");
            }
        }
    }

    /** The settings of {@code adapter}, each with its default. */
    static AdapterFile read(RunFile adapter) {
        LoraAlgorithm algorithm = adapter.choice("algorithm", LoraAlgorithm.LORA);
        int rank = adapter.integer("rank", 1, 8);
        double alpha = adapter.real("alpha", rank);
        boolean stabilized = adapter.flag("rank_stabilized", false);
        boolean dora = adapter.flag("dora", false);
        int convRank = adapter.integer(CONV_RANK, 1, rank);
        double wider = (double) convRank / rank;
        double convAlpha = adapter.real(CONV_ALPHA, alpha * (stabilized ? Math.sqrt(wider) : wider));
        int factor = adapter.integer("factor", 1, Integer.MAX_VALUE);
        if (algorithm == LoraAlgorithm.LORA) {
            refuseKernels(adapter, "algorithm is lora, which adapts no convolutions with kernels");
        }
        if (algorithm != LoraAlgorithm.LOKR) {
            refuse(adapter, "factor", "algorithm is not lokr");
        }
        double upRate = adapter.real("up_rate_factor", 1);
        boolean lowRank = algorithm == LoraAlgorithm.LORA || algorithm == LoraAlgorithm.LOCON;
        if (!lowRank && upRate != 1) {
            throw adapter.bad("up_rate_factor", upRate, "none or 1, as algorithm is neither lora nor locon");
        }
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
            targets.put(LoraPart.TEXT_ENCODER_2, targets(text, LoraDesign.TEXT_ATTENTION));
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
                new LoraDesign(
                        algorithm,
                        rank,
                        alpha,
                        new LoraDesign.Kernels(convRank, convAlpha),
                        adapter.has("factor") ? OptionalInt.of(factor) : OptionalInt.empty(),
                        stabilized,
                        dora,
                        targets),
                adapter.path("from"),
                adapter.real("dropout", 0),
                textRate,
                upRate,
                adapter.numbers("rate_factors"),
                naming,
                type);
    }

    /**
     * Refuses what is said of convolutions with kernels.
     *
     * @param reason why it would do nothing
     */
    static void refuseKernels(RunFile adapter, String reason) {
        refuse(adapter, CONV_RANK, reason);
        refuse(adapter, CONV_ALPHA, reason);
    }

    private static void refuse(RunFile adapter, String key, String reason) {
        if (adapter.has(key)) {
            throw adapter.bad(key, "there", "none, as " + reason);
        }
    }

    private static List<String> defaults(LoraAlgorithm algorithm) {
        return algorithm == LoraAlgorithm.LOCON ? LoraDesign.UNET_WITH_CONVOLUTIONS : LoraDesign.UNET_ATTENTION;
    }

    private static List<String> targets(RunFile part, List<String> absent) {
        List<String> given = part.texts("targets");
        return given.isEmpty() ? absent : given;
    }
}
