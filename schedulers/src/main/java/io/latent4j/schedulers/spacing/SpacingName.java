package io.latent4j.schedulers.spacing;

import com.google.common.collect.ImmutableList;
import io.latent4j.schedulers.process.NoiseSchedule;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a {@link SigmaSpacing} is called: by a user after a method's name, and by {@code scheduler_config.json}. */
public enum SpacingName {
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
    public String title() {
        return title;
    }

    /** What a user writes after a method's name. */
    public String word() {
        return title.toLowerCase(Locale.ROOT);
    }

    /** The spacing, for a model trained with {@code noise}. */
    public SigmaSpacing spacing(NoiseSchedule noise) {
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

    public static List<String> keys() {
        return all().map(name -> name.key).filter(key -> !key.isEmpty()).toList();
    }

    public static Optional<SpacingName> ofKey(String key) {
        return all().filter(name -> name.key.equals(key)).findFirst();
    }

    /** The one called {@code word}, in any case, with or without blanks, hyphens and underscores. */
    public static Optional<SpacingName> called(String word) {
        String plain = normalise(word);
        return all().filter(name ->
                        name.allNames().stream().map(SpacingName::normalise).anyMatch(plain::equals))
                .findFirst();
    }

    /** {@link #word} and what else a user may write. */
    public List<String> allNames() {
        return ImmutableList.<String>builder().add(word()).addAll(otherNames).build();
    }

    public static List<String> words() {
        return all().map(SpacingName::word).toList();
    }

    /** Each of them, and none first. */
    public static Stream<Optional<SpacingName>> choices() {
        return Stream.concat(Stream.of(Optional.empty()), all().map(Optional::of));
    }

    /**
     * What is left of a name when writers' habits are taken away: case, blanks, hyphens and underscores, a leading
     * {@code k_}, a {@code _gpu} for where noise is drawn, {@code pp} for {@code ++} and {@code ancestral} for {@code a}.
     */
    public static String normalise(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replaceFirst("^k[_ -]", "")
                .replaceFirst("[_ -]gpu(?=$|[_ -])", "")
                .replaceAll("[\\s_-]", "")
                .replace("++", "pp")
                .replace("ancestral", "a");
    }

    private static Stream<SpacingName> all() {
        return Arrays.stream(values());
    }
}
