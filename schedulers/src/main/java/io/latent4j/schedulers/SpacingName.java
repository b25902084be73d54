package io.latent4j.schedulers;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a {@link SigmaSpacing} is called: by a user after a method's name, and by {@code scheduler_config.json}. */
enum SpacingName {
    KARRAS("Karras", "use_karras_sigmas", "k"),
    EXPONENTIAL("Exponential", "use_exponential_sigmas"),
    POLYEXPONENTIAL("Polyexponential", ""),
    BETA("Beta", "use_beta_sigmas"),
    LU("Lu", "use_lu_lambdas"),
    SGM_UNIFORM("SGM Uniform", ""),
    ALIGN_YOUR_STEPS("Align Your Steps", "", "ays"),
    ALIGN_YOUR_STEPS_XL("Align Your Steps XL", "", "ays xl", "align your steps sdxl", "ays sdxl"),
    ALIGN_YOUR_STEPS_VIDEO("Align Your Steps Video", "", "ays video", "align your steps svd", "ays svd");

    private final String title;
    private final String key;
    private final ImmutableList<String> otherNames;

    /** {@code key}: the flag that turns it on; empty where the reference implementation has none. */
    SpacingName(String title, String key, String... otherNames) {
        this.title = title;
        this.key = key;
        this.otherNames = ImmutableList.copyOf(otherNames);
    }

    /** What web front ends write after a method's title. */
    String title() {
        return title;
    }

    /** What a user writes after a method's name. */
    String word() {
        return title.toLowerCase(Locale.ROOT);
    }

    /** The spacing, for a model trained with {@code noise}. */
    SigmaSpacing spacing(NoiseSchedule noise) {
        return switch (this) {
            case KARRAS -> new Karras();
            case EXPONENTIAL, LU -> new Exponential();
            case POLYEXPONENTIAL -> new Polyexponential(1);
            case BETA -> new BetaSpacing();
            case SGM_UNIFORM -> new SgmUniform(noise);
            case ALIGN_YOUR_STEPS -> AlignYourSteps.STABLE_DIFFUSION;
            case ALIGN_YOUR_STEPS_XL -> AlignYourSteps.STABLE_DIFFUSION_XL;
            case ALIGN_YOUR_STEPS_VIDEO -> AlignYourSteps.STABLE_VIDEO_DIFFUSION;
        };
    }

    static List<String> keys() {
        return all().map(name -> name.key).filter(key -> !key.isEmpty()).toList();
    }

    static Optional<SpacingName> ofKey(String key) {
        return all().filter(name -> name.key.equals(key)).findFirst();
    }

    /** The one called {@code word}, in any case, with or without blanks, hyphens and underscores. */
    static Optional<SpacingName> called(String word) {
        String plain = SamplingMethod.normalise(word);
        return all().filter(name ->
                        name.allNames().stream().map(SamplingMethod::normalise).anyMatch(plain::equals))
                .findFirst();
    }

    /** {@link #word} and what else a user may write. */
    List<String> allNames() {
        return ImmutableList.<String>builder().add(word()).addAll(otherNames).build();
    }

    static List<String> words() {
        return all().map(SpacingName::word).toList();
    }

    /** Each of them, and none first. */
    static Stream<Optional<SpacingName>> choices() {
        return Stream.concat(Stream.of(Optional.empty()), all().map(Optional::of));
    }

    private static Stream<SpacingName> all() {
        return Arrays.stream(values());
    }
}
