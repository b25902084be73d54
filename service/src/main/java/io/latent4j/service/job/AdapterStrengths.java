package io.latent4j.service.job;

import com.google.common.base.Splitter;
import io.latent4j.core.config.Shown;
import io.latent4j.lora.Lora;
import io.latent4j.lora.LoraUse;
import io.latent4j.lora.StrengthSchedule;
import io.latent4j.pipeline.request.AdapterUse;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How strong an adapter is to be, as it is written behind its name, with colons between: a strength for all of the model, or
 * one for the text encoder and one for the UNet, which {@code te=} and {@code unet=} also are; then factors of blocks,
 * {@code down_blocks.*=0}. The UNet's strength may be
 * points {@code 0@0,0.8@1}: 0 at the first step, 0.8 at the last.
 *
 * @param blocks by what the strength of layers is multiplied, by patterns of their names, in their order
 */
public record AdapterStrengths(double unet, double text, StrengthSchedule schedule, Map<String, Double> blocks) {
    private static final String TEXT = "te";
    private static final String UNET = "unet";

    /** As strong as it was trained. */
    public static final AdapterStrengths FULL = new AdapterStrengths(1, 1, StrengthSchedule.CONSTANT, Map.of());

    /**
     * Reads what stands behind a name.
     *
     * @param place what it is part of, for messages
     * @throws IllegalArgumentException if it is not as above
     */
    public static AdapterStrengths of(String place, List<String> parts) {
        List<String> strengths =
                parts.stream().filter(part -> !part.contains("=")).toList();
        Map<String, String> named = new HashMap<>();
        Map<String, Double> blocks = new LinkedHashMap<>();
        for (String part : parts.stream().filter(each -> each.contains("=")).toList()) {
            List<String> block = Splitter.on('=').trimResults().splitToList(part);
            if (block.size() != 2 || block.get(0).isEmpty()) {
                throw new IllegalArgumentException(place + ": \"" + Shown.text(part)
                        + "\" is no factor of blocks; expected one such as down_blocks.*=0.5");
            }
            switch (block.get(0)) {
                case TEXT, UNET -> named.put(block.get(0), block.get(1));
                case "dyn" ->
                    throw new IllegalArgumentException(
                            place + ": " + Shown.text(part) + " asks for the first ranks of an adapter"
                                    + " alone, which is not supported; expected an adapter of that rank, which lora resize"
                                    + " makes");
                default -> blocks.put(block.get(0), number(place, block.get(1)));
            }
        }
        if (strengths.size() > 2) {
            throw new IllegalArgumentException(place + ": " + strengths.size()
                    + " strengths; expected one, or one for the text encoder and one for the UNet");
        }
        String first = named.getOrDefault(TEXT, strengths.isEmpty() ? "1" : strengths.get(0));
        String last = named.getOrDefault(UNET, strengths.size() == 2 ? strengths.get(1) : first);
        boolean scheduled = last.contains("@");
        StrengthSchedule schedule = scheduled ? schedule(place, last) : StrengthSchedule.CONSTANT;
        double unet = scheduled ? 1 : number(place, last);
        double text = first.equals(last) ? unet * schedule.at(0, 1) : number(place, first);
        return new AdapterStrengths(unet, text, schedule, blocks);
    }

    private static StrengthSchedule schedule(String place, String written) {
        Map<Double, Double> points = new TreeMap<>();
        for (String point : Splitter.on(',').split(written)) {
            List<String> both = Splitter.on('@').splitToList(point);
            if (both.size() != 2) {
                throw new IllegalArgumentException(place + ": \"" + Shown.text(point)
                        + "\" is no point of a schedule; expected STRENGTH@SHARE, 0.8@1 for instance");
            }
            points.put(number(place, both.get(1)), number(place, both.get(0)));
        }
        try {
            return StrengthSchedule.of(points);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(place + ": " + e.getMessage(), e);
        }
    }

    private static double number(String place, String written) {
        try {
            return Double.parseDouble(written.strip());
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    place + ": the strength is \"" + Shown.text(written) + "\"; expected a number such as 0.8", e);
        }
    }

    /** The adapter at these strengths. */
    public LoraUse of(Lora lora) {
        LoraUse use = new LoraUse(lora, unet, text, blocks, schedule);
        use.idleBlocks().stream()
                .filter(name -> name.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '_'))
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException("the adapter " + lora.name() + " is given " + name
                            + "=, which is neither an argument nor one of its layers; expected te=, unet= or a pattern"
                            + " of layers such as down_blocks.*=");
                });
        return use;
    }

    /** The adapter of this name at these strengths. */
    public AdapterUse of(String name) {
        return new AdapterUse(name, unet, text, blocks, schedule);
    }
}
