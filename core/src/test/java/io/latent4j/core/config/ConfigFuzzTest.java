package io.latent4j.core.config;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.latent4j.core.fuzz.Untrusted;
import java.io.IOException;
import java.util.List;

/** Any bytes as settings in JSON and in YAML, with every key read as every kind of value. */
class ConfigFuzzTest {
    private static final Bounds BOUNDS = Bounds.of(-10, 1e6);
    private static final int MOST_KEYS = 50;

    private enum Colour {
        RED,
        GREEN
    }

    /** One way to read a key. */
    private interface Way {
        Object read(Config config, String key);
    }

    private static final List<Way> WAYS = List.of(
            Config::integer,
            (config, key) -> config.integer(key, BOUNDS),
            Config::unsigned,
            Config::real,
            (config, key) -> config.optionalReal(key, BOUNDS),
            Config::flag,
            Config::text,
            (config, key) -> config.choice(key, Colour.RED),
            Config::path,
            (config, key) -> config.reals(key, BOUNDS, 2, List.of(0.0, 1.0)),
            (config, key) -> config.texts(key, List.of()),
            (config, key) -> config.numbers(key, BOUNDS),
            Config::sections);

    @FuzzTest
    void anyBytesAreReadOrRefused(byte[] bytes) throws IOException {
        Untrusted.file("config.json", bytes, path -> read(Config.read(path), 0));
        Untrusted.file("run.yaml", bytes, path -> read(Config.readYaml(path), 0));
    }

    private static void read(Config config, int depth) {
        List<String> keys = config.keys().stream().limit(MOST_KEYS).toList();
        for (String key : keys) {
            for (Way way : WAYS) {
                try {
                    way.read(config, key);
                } catch (IllegalArgumentException e) {
                    Untrusted.checkRefusal(e, config.name());
                }
            }
            if (depth < 3) {
                config.object(key).ifPresent(section -> read(section, depth + 1));
            }
        }
        config.collect(all -> {
            keys.forEach(key -> WAYS.forEach(way -> way.read(all, key)));
            return "";
        });
        config.refuseTheRest();
    }
}
