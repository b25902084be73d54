package io.latent4j.cli.options;

import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads a seed of images, 0 to 2^64 - 1, as 64 bits that are unsigned; -1 becomes a random one. */
public final class SeedConverter implements ITypeConverter<Long> {
    private static final long MOST_RANDOM = 1L << 32;
    private static final String RANDOM = "-1";

    @Override
    public Long convert(String text) {
        String plain = text.strip();
        if (plain.equals(RANDOM)) {
            return random();
        }
        try {
            return Long.parseUnsignedLong(plain);
        } catch (NumberFormatException e) {
            TypeConversionException refused = new TypeConversionException(
                    "the seed is \"" + text + "\"; expected 0 to 18446744073709551615, or -1 for a random one");
            refused.initCause(e);
            throw refused;
        }
    }

    /** A random seed below 2^32. */
    static long random() {
        return ThreadLocalRandom.current().nextLong(MOST_RANDOM);
    }
}
