package io.latent4j.lora;

import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import io.latent4j.core.nn.Adapter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An adapter at a strength.
 *
 * @param unetStrength 1 is as it was trained, 0 does nothing, below 0 is the opposite; -100 to 100
 * @param textStrength the same for the text encoders
 * @param blocks by what the strength of layers is multiplied, by patterns of their names as in {@link LoraDesign}; the
 *     first that fits counts, and layers that none fits have the whole strength
 * @param schedule by what the UNet's strength is multiplied in each step: the first is the one that a run begins with,
 *     whatever the strength of an image leaves out, and the last that of the whole plan, though a refiner may take it;
 *     texts are read once, before the first
 */
public record LoraUse(
        Lora lora, double unetStrength, double textStrength, Map<String, Double> blocks, StrengthSchedule schedule) {
    private static final double MOST = 100;

    public LoraUse {
        blocks = ImmutableMap.copyOf(blocks);
        blocks.forEach((pattern, factor) -> {
            LoraDesign.pattern(pattern);
            check("blocks " + pattern, factor);
        });
        check("UNet", unetStrength);
        check("text encoder", textStrength);
        for (double factor : schedule.points().values()) {
            check("UNet", unetStrength * factor);
        }
    }

    /** The same strength in all blocks of a part. */
    public LoraUse(Lora lora, double unetStrength, double textStrength) {
        this(lora, unetStrength, textStrength, Map.of(), StrengthSchedule.CONSTANT);
    }

    /**
     * This use with other strengths in some blocks: {@code Map.of("down_blocks.*", 0.0)} leaves the way down alone.
     *
     * @param blocks patterns in the order in which they are tried
     */
    public LoraUse withBlocks(Map<String, Double> blocks) {
        return new LoraUse(lora, unetStrength, textStrength, blocks, schedule);
    }

    /** This use with a strength for the UNet that changes from step to step. */
    public LoraUse withSchedule(StrengthSchedule schedule) {
        return new LoraUse(lora, unetStrength, textStrength, blocks, schedule);
    }

    /** This use as it is in a step, counted from 0, of so many: without a schedule. */
    public LoraUse atStep(int step, int steps) {
        return schedule.isConstant()
                ? this
                : new LoraUse(
                        lora, unetStrength * schedule.at(step, steps), textStrength, blocks, StrengthSchedule.CONSTANT);
    }

    /** The patterns of {@link #blocks} that fit none of the adapter's layers. */
    public List<String> idleBlocks() {
        List<String> layers = Stream.of(LoraPart.values())
                .flatMap(part -> lora.layers(part).stream())
                .map(layer -> layer.layer().name())
                .toList();
        return blocks.keySet().stream()
                .filter(block ->
                        layers.stream().noneMatch(LoraDesign.pattern(block).asMatchPredicate()))
                .toList();
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

    /**
     * The strength for a layer of a part.
     *
     * @throws IllegalArgumentException if it depends on the step
     */
    double strength(LoraPart part, String layer) {
        if (part == LoraPart.UNET && !schedule.isConstant()) {
            throw new IllegalArgumentException("the adapter " + lora.name()
                    + " has another strength in each step; expected one for all, which atStep gives for a step");
        }
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

    /**
     * The use as a word of a prompt: {@code <lora:name:0.8>}, or with text and UNet apart as other tools write it, and
     * after them the schedule's points and the blocks: {@code <lora:name:1:0.8@0,0@1:down_blocks.*=0>}.
     */
    public String tag() {
        return tag(lora.name());
    }

    /** {@link #tag()} with the name that the adapter goes by. */
    public String tag(String name) {
        boolean one = unetStrength == textStrength && schedule.isConstant();
        StringBuilder tag = new StringBuilder("<lora:").append(name).append(':');
        tag.append(one ? number(unetStrength) : number(textStrength) + ":" + unet());
        blocks.forEach(
                (pattern, factor) -> tag.append(':').append(pattern).append('=').append(number(factor)));
        return tag.append('>').toString();
    }

    private String unet() {
        return schedule.isConstant()
                ? number(unetStrength)
                : schedule.points().entrySet().stream()
                        .map(point -> number(unetStrength * point.getValue()) + "@" + number(point.getKey()))
                        .collect(Collectors.joining(","));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
