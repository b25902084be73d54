package io.latent4j.lora;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Adapter;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * An adapter at a strength.
 *
 * @param unetStrength 1 is as it was trained, 0 does nothing, below 0 is the opposite; -100 to 100
 * @param textStrength the same for the text encoders
 * @param blocks by what the strength of layers is multiplied, by patterns of their names as in {@link LoraDesign}; the
 *     first that fits counts, and layers that none fits have the whole strength
 */
public record LoraUse(Lora lora, double unetStrength, double textStrength, Map<String, Double> blocks) {
    private static final double MOST = 100;

    public LoraUse {
        blocks = ImmutableMap.copyOf(blocks);
        blocks.forEach((pattern, factor) -> {
            LoraDesign.pattern(pattern);
            check("blocks " + pattern, factor);
        });
        check("UNet", unetStrength);
        check("text encoder", textStrength);
    }

    /** The same strength in all blocks of a part. */
    public LoraUse(Lora lora, double unetStrength, double textStrength) {
        this(lora, unetStrength, textStrength, Map.of());
    }

    /**
     * This use with other strengths in some blocks: {@code Map.of("down_blocks.*", 0.0)} leaves the way down alone.
     *
     * @param blocks patterns in the order in which they are tried
     */
    public LoraUse withBlocks(Map<String, Double> blocks) {
        return new LoraUse(lora, unetStrength, textStrength, blocks);
    }

    private static void check(String part, double strength) {
        if (!(Math.abs(strength) <= MOST)) {
            throw new IllegalArgumentException(
                    "the adapter's strength for the " + part + " is " + strength + "; expected -100 to 100");
        }
    }

    /** The strength for a part of the model. */
    public double strength(LoraPart part) {
        return part == LoraPart.UNET ? unetStrength : textStrength;
    }

    /** The strength for a layer of a part. */
    double strength(LoraPart part, String layer) {
        return strength(part)
                * blocks.entrySet().stream()
                        .filter(block -> LoraDesign.pattern(block.getKey())
                                .matcher(layer)
                                .matches())
                        .findFirst()
                        .map(Map.Entry::getValue)
                        .orElse(1.0);
    }

    /**
     * The adapters of one part of a model, in order, to be given to a {@link io.latent4j.core.nn.Pass}.
     *
     * @param manager owns the arrays that they are made of; they are of use until it closes
     */
    public static List<Adapter> adapters(List<LoraUse> uses, LoraPart part, NDManager manager) {
        return uses.stream()
                .flatMap(use -> use.lora().adapter(part, use, manager).stream())
                .toList();
    }

    /** The use as a word of a prompt, as other tools write it: {@code <lora:name:0.8>}, or with text and UNet apart. */
    public String tag() {
        String strengths =
                unetStrength == textStrength ? number(unetStrength) : number(textStrength) + ":" + number(unetStrength);
        return "<lora:" + lora.name() + ":" + strengths + ">";
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
