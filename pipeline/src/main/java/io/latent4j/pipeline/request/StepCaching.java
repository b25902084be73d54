package io.latent4j.pipeline.request;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What steps reuse of what earlier ones computed, so that a run takes less time and its images differ a little. As a text it
 * is {@code deepcache:3}, {@code tgate:10} or {@code firstblock:0.1}, or several of them with {@code +} between.
 *
 * @param deepCache of UNets: see {@link io.latent4j.core.cache.DeepCache}
 * @param tGate after how many steps cross-attention is reused and guidance ends, 1 or more: see {@link
 *     io.latent4j.core.cache.TGate}
 * @param firstBlock of transformers: the relative change of what the first block adds, below which the other blocks are not
 *     computed, above 0, 1 at most: see {@link io.latent4j.core.cache.FirstBlockCache}
 */
public record StepCaching(Optional<Deep> deepCache, OptionalInt tGate, OptionalDouble firstBlock) {
    /** Every step computes everything. */
    public static final StepCaching NONE =
            new StepCaching(Optional.empty(), OptionalInt.empty(), OptionalDouble.empty());

    private static final String DEEP_CACHE = "deepcache";
    private static final String T_GATE = "tgate";
    private static final String FIRST_BLOCK = "firstblock";
    private static final String FORMS = "deepcache:INTERVAL, deepcache:INTERVAL:BRANCH, tgate:STEPS or"
            + " firstblock:THRESHOLD, or several with + between";

    /**
     * How much of a UNet is computed how often.
     *
     * @param interval of this many evaluations one is full, 2 to 100
     * @param branch the skip connection of the UNet, from 0 for the finest, below which a partial evaluation computes nothing
     */
    public record Deep(int interval, int branch) {
        private static final int MOST = 100;

        public Deep {
            Checks.check(
                    interval >= 2 && interval <= MOST,
                    "the interval of deepcache",
                    interval,
                    "2 to " + MOST + ", 3 for instance; at 1 nothing would be reused, leave it out for that");
            Checks.check(branch >= 0 && branch < MOST, "the branch of deepcache", branch, "0 or more");
        }
    }

    public StepCaching {
        tGate.ifPresent(steps -> Checks.check(steps >= 1, "the gate of tgate", steps, "1 step or more"));
        firstBlock.ifPresent(threshold -> Checks.check(
                threshold > 0 && threshold <= 1,
                "the threshold of firstblock",
                threshold,
                "above 0, 1 at most, 0.1 for instance"));
        if (deepCache.isPresent() && firstBlock.isPresent()) {
            throw new IllegalArgumentException("deepcache and firstblock are both asked for; expected deepcache for a"
                    + " UNet, or firstblock for a transformer");
        }
    }

    /**
     * Reads a text.
     *
     * @throws IllegalArgumentException if it is of no form that is known, or a number is out of range
     */
    public static StepCaching parse(String text) {
        StepCaching all = NONE;
        for (String each : text.split("\\+", -1)) {
            all = all.and(each.strip());
        }
        return all;
    }

    private StepCaching and(String text) {
        List<String> parts = Arrays.asList(text.toLowerCase(Locale.ROOT).split(":", -1));
        String kind = parts.get(0);
        try {
            if (kind.equals(DEEP_CACHE) && deepCache.isEmpty() && (parts.size() == 2 || parts.size() == 3)) {
                int branch = parts.size() == 3 ? Integer.parseInt(parts.get(2)) : 0;
                return new StepCaching(
                        Optional.of(new Deep(Integer.parseInt(parts.get(1)), branch)), tGate, firstBlock);
            }
            if (kind.equals(T_GATE) && tGate.isEmpty() && parts.size() == 2) {
                return new StepCaching(deepCache, OptionalInt.of(Integer.parseInt(parts.get(1))), firstBlock);
            }
            if (kind.equals(FIRST_BLOCK) && firstBlock.isEmpty() && parts.size() == 2) {
                return new StepCaching(deepCache, tGate, OptionalDouble.of(Double.parseDouble(parts.get(1))));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the cache is \"" + text + "\"; expected " + FORMS, e);
        }
        boolean twice = (kind.equals(DEEP_CACHE) && deepCache.isPresent())
                || (kind.equals(T_GATE) && tGate.isPresent())
                || (kind.equals(FIRST_BLOCK) && firstBlock.isPresent());
        throw new IllegalArgumentException(
                twice
                        ? "the cache " + kind + " is given twice; expected it once"
                        : "the cache is \"" + text + "\"; expected " + FORMS);
    }

    /** Whether anything is reused. */
    public boolean isOn() {
        return !equals(NONE);
    }

    /** The text that {@link #parse} reads; empty for {@link #NONE}. */
    public String text() {
        List<String> all = new ArrayList<>();
        deepCache.ifPresent(
                deep -> all.add(DEEP_CACHE + ":" + deep.interval() + (deep.branch() > 0 ? ":" + deep.branch() : "")));
        tGate.ifPresent(steps -> all.add(T_GATE + ":" + steps));
        firstBlock.ifPresent(threshold -> all.add(FIRST_BLOCK + ":" + threshold));
        return String.join("+", all);
    }
}
