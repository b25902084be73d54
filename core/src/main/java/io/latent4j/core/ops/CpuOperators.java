package io.latent4j.core.ops;

import com.google.common.base.Splitter;
import com.google.common.base.Supplier;
import com.google.common.base.Suppliers;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which of several ways a process computes each kind of operator on a CPU, where they have no gradient to record: the
 * fastest for the processor, or what the user asks for. It is settled at the first use and the same for all that the process
 * computes, so that equal requests have equal results. A GPU is not concerned.
 *
 * <p>The system property {@value #PROPERTY}, or else the environment variable {@value #VARIABLE}, forces some or all of
 * them: {@code linear=onednn}, with a comma between several.
 */
public final class CpuOperators {
    /** The system property that forces operators. */
    public static final String PROPERTY = "latent4j.operators";

    /** The environment variable that does where there is no such property. */
    public static final String VARIABLE = "LATENT4J_OPERATORS";

    private static final Supplier<Map<Kind, Choice>> CHOSEN =
            Suppliers.memoize(() -> choose(wishes(), Processor.read(Path.of("/proc/cpuinfo"))));

    private CpuOperators() {}

    /** A kind of operator, and the ways that there are. */
    public enum Kind {
        /** Linear layers in float32: by MKL's product or oneDNN's. In bfloat16 libtorch takes oneDNN's itself. */
        LINEAR("linear", ImmutableList.of("mkl", "onednn")) {
            @Override
            Choice best(Processor processor) {
                return processor.vendor().equals("AuthenticAMD")
                        ? new Choice("onednn", "on AMD's processors MKL leaves out its fastest kernels")
                        : new Choice("mkl", "the processor is not AMD's");
            }
        },

        /** 3×3 convolutions of large images in float32: by the engine's own kernels or by {@link Winograd}. */
        CONVOLUTION("convolution", ImmutableList.of("direct", "winograd")) {
            @Override
            Choice best(Processor processor) {
                return new Choice("winograd", "it takes a quarter of the products");
            }
        };

        private final String label;
        private final ImmutableList<String> ways;

        Kind(String label, ImmutableList<String> ways) {
            this.label = label;
            this.ways = ways;
        }

        /** The fastest way on {@code processor}. */
        abstract Choice best(Processor processor);

        /** As the option and reports name it. */
        public String label() {
            return label;
        }
    }

    /**
     * One of the ways.
     *
     * @param way its name
     * @param because why it was chosen
     */
    public record Choice(String way, String because) {

        @Override
        public String toString() {
            return way + ": " + because;
        }
    }

    /**
     * What tells processors apart.
     *
     * @param vendor as the processor names itself, {@code GenuineIntel} or {@code AuthenticAMD}; empty if unknown
     * @param features as Linux names them, {@code avx512_bf16} and {@code amx_bf16} among them
     */
    record Processor(String vendor, Set<String> features) {

        /** The first processor of Linux's list, or one of which nothing is known if there is no such file. */
        static Processor read(Path list) {
            try (Stream<String> lines = Files.lines(list)) {
                return parse(lines.takeWhile(line -> !line.isBlank()).toList());
            } catch (IOException e) {
                return new Processor("", Set.of()); // another system
            }
        }

        static Processor parse(List<String> lines) {
            return new Processor(
                    value(lines, "vendor_id").orElse(""),
                    Set.copyOf(new HashSet<>(Splitter.on(' ')
                            .omitEmptyStrings()
                            .splitToList(value(lines, "flags").orElse("")))));
        }

        private static Optional<String> value(List<String> lines, String key) {
            return lines.stream()
                    .filter(line -> line.startsWith(key + "\t") || line.startsWith(key + ":"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst();
        }
    }

    /**
     * What this process uses.
     *
     * @throws IllegalArgumentException if the property or the variable asks for what there is not
     */
    public static Choice chosen(Kind kind) {
        return CHOSEN.get().get(kind);
    }

    /** Whether this process uses that way. */
    static boolean uses(Kind kind, String way) {
        return chosen(kind).way().equals(way);
    }

    private static Wishes wishes() {
        String property = System.getProperty(PROPERTY);
        return property != null
                ? new Wishes("system property " + PROPERTY, property)
                : new Wishes(
                        "environment variable " + VARIABLE,
                        Optional.ofNullable(System.getenv(VARIABLE)).orElse(""));
    }

    /**
     * What the user asks for.
     *
     * @param source where it says so
     * @param text the value there, empty for nothing
     */
    record Wishes(String source, String text) {

        /** The way that is asked for by kind. */
        Map<Kind, String> parsed() {
            Map<Kind, String> ways = new EnumMap<>(Kind.class);
            for (String wish : Splitter.on(',').trimResults().omitEmptyStrings().split(text)) {
                List<String> pair = Splitter.on('=').trimResults().limit(2).splitToList(wish);
                Kind kind = Stream.of(Kind.values())
                        .filter(k -> k.label.equals(pair.get(0)))
                        .findFirst()
                        .orElseThrow(() -> refused(wish));
                if (pair.size() != 2 || !kind.ways.contains(pair.get(1))) {
                    throw refused(wish);
                }
                ways.put(kind, pair.get(1));
            }
            return ways;
        }

        private IllegalArgumentException refused(String wish) {
            String all = Stream.of(Kind.values())
                    .map(kind -> kind.label + "=" + String.join("|", kind.ways))
                    .collect(Collectors.joining(", "));
            return new IllegalArgumentException(
                    source + " asks for \"" + wish + "\"; expected some of " + all + ", with a comma between them");
        }
    }

    static Map<Kind, Choice> choose(Wishes wishes, Processor processor) {
        Map<Kind, String> forced = wishes.parsed();
        Map<Kind, Choice> chosen = new EnumMap<>(Kind.class);
        for (Kind kind : Kind.values()) {
            chosen.put(
                    kind,
                    forced.containsKey(kind)
                            ? new Choice(forced.get(kind), wishes.source() + " says so")
                            : kind.best(processor));
        }
        return chosen;
    }
}
