package io.latent4j.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.core.weights.StoredType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrayCacheTest {
    private static final Shape LATENTS = new Shape(4, 3, 2);

    @TempDir
    private Path above;

    private final List<String> warnings = new ArrayList<>();

    private ArrayCache open(StoredType type) throws IOException {
        return ArrayCache.open(above.resolve("cache"), "latents", type, warnings::add);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "F32"})
    void givesArraysBackInAnotherRun(StoredType type) throws IOException {
        Shape text = new Shape(5);
        try (ArrayCache cache = open(type)) {
            cache.put("b", array(LATENTS, 2));
            cache.put("a", array(LATENTS, 1));
            cache.put("t", array(text, 3));
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(stored(type, 1, 24));
        }

        try (ArrayCache cache = open(type)) {
            assertThat(cache.size()).isEqualTo(3);
            assertThat(cache.get("a").orElseThrow().shape()).isEqualTo(LATENTS);
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(stored(type, 1, 24));
            assertThat(cache.get("b").orElseThrow().values()).isEqualTo(stored(type, 2, 24));
            assertThat(cache.get("t").orElseThrow().shape()).isEqualTo(text);
            assertThat(cache.get("t").orElseThrow().values()).isEqualTo(stored(type, 3, 5));
            assertThat(cache.get("c")).isEmpty();
            assertThat(cache.contains("a")).isTrue();
        }
        assertThat(warnings).isEmpty();
        assertThat(names()).hasSize(1).allMatch(name -> name.matches("latents-[0-9a-f]{16}\\.safetensors"));
        try (SafeTensors file = SafeTensors.open(above.resolve("cache").resolve(names().get(0)))) {
            assertThat(file.tensors().get("arrays_4x3x2").shape()).isEqualTo(new Shape(2, 4, 3, 2));
        }
    }

    @Test
    void givesTheSameNumbersBeforeAndAfterTheyAreOnDisk() throws IOException {
        float[] before;
        try (ArrayCache cache = open(StoredType.F16)) {
            cache.put("a", array(LATENTS, 1));
            before = cache.get("a").orElseThrow().values();
            assertThat(before).isNotEqualTo(array(LATENTS, 1).values());
            assertThat(before).containsExactly(array(LATENTS, 1).values(), within(1e-3f));
            cache.flush();
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(before);
            assertThat(cache.size()).isEqualTo(1);
        }
    }

    @Test
    void addsToWhatIsThere() throws IOException {
        for (int run = 0; run < 3; run++) {
            try (ArrayCache cache = open(StoredType.F16)) {
                assertThat(cache.size()).isEqualTo(run);
                cache.put("key" + run, array(LATENTS, run));
            }
        }
        try (ArrayCache other = ArrayCache.open(above.resolve("cache"), "texts", StoredType.F16, warnings::add)) {
            assertThat(other.size()).isZero();
        }
        assertThat(names()).hasSize(3);
    }

    @Test
    void replacesAnArrayOfTheSameKey() throws IOException {
        try (ArrayCache cache = open(StoredType.F32)) {
            cache.put("a", array(LATENTS, 1));
            cache.flush();
            cache.put("a", array(LATENTS, 2));
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(stored(StoredType.F32, 2, 24));
            assertThat(cache.size()).isEqualTo(1);
        }
        try (ArrayCache cache = open(StoredType.F32)) {
            assertThat(cache.get("a").orElseThrow().values()).isEqualTo(stored(StoredType.F32, 2, 24));
        }
    }

    @Test
    void ignoresFilesThatAreCutOffAndMakesThemAnew() throws IOException {
        for (int file = 0; file < 2; file++) {
            try (ArrayCache cache = open(StoredType.F16)) {
                cache.put("key" + file, array(LATENTS, file));
            }
        }
        for (String name : names()) {
            Path file = above.resolve("cache").resolve(name);
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 7));
        }

        try (ArrayCache cache = open(StoredType.F16)) {
            assertThat(cache.size()).isZero();
            assertThat(warnings).singleElement().asString().contains("latents-", "is computed again");
            cache.put("key0", array(LATENTS, 0));
            cache.put("key1", array(LATENTS, 1));
        }

        warnings.clear();
        try (ArrayCache cache = open(StoredType.F16)) {
            assertThat(cache.size()).isEqualTo(2);
        }
        assertThat(warnings).isEmpty();
        assertThat(names()).hasSize(1);
    }

    @Test
    void ignoresArraysThatAreDamaged() throws IOException {
        try (ArrayCache cache = open(StoredType.F16)) {
            cache.put("a", array(LATENTS, 1));
            cache.put("b", array(LATENTS, 2));
        }
        Path file = above.resolve("cache").resolve(names().get(0));
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1; // in b
        Files.write(file, bytes);

        try (ArrayCache cache = open(StoredType.F16)) {
            assertThat(cache.get("a")).isPresent();
            assertThat(cache.get("b")).isEmpty();
            assertThat(cache.get("b")).isEmpty();
            assertThat(cache.contains("b")).isFalse();
            assertThat(warnings).singleElement().asString().contains("an array is damaged");
            cache.put("b", array(LATENTS, 2));
        }
        try (ArrayCache cache = open(StoredType.F16)) {
            assertThat(cache.contains("b")).isTrue();
        }
    }

    @Test
    void neverTakesAnyBytesForAnArray() throws IOException {
        try (ArrayCache cache = open(StoredType.F16)) {
            cache.put("a", array(LATENTS, 1));
        }
        Path file = above.resolve("cache").resolve(names().get(0));
        byte[] good = Files.readAllBytes(file);
        Draws draws = Draws.of(3);
        for (int i = 0; i < 500; i++) {
            byte[] bad = good.clone();
            bad[draws.below(bad.length)] ^= (byte) (1 + draws.below(255));
            Files.write(file, bad);
            try (ArrayCache cache = open(StoredType.F16)) {
                cache.get("a").ifPresent(found -> assertThat(found.values()).isEqualTo(stored(StoredType.F16, 1, 24)));
            }
        }
    }

    @Test
    void leavesOtherFilesAlone() throws IOException {
        Files.createDirectory(above.resolve("cache"));
        Files.writeString(above.resolve("cache/notes.txt"), "mine");
        try (ArrayCache cache = open(StoredType.F16)) {
            cache.put("a", array(LATENTS, 1));
        }
        assertThat(names()).contains("notes.txt").hasSize(2);
        assertThat(warnings).isEmpty();
    }

    @Test
    void keepsThousandsOfArraysInAFewFiles() throws IOException {
        Shape shape = new Shape(2);
        try (ArrayCache cache = open(StoredType.F32)) {
            for (int i = 0; i < 10_000; i++) {
                cache.put(ArrayCache.key("image", "" + i), new CachedArray(shape, new float[] {i, -i}));
            }
        }
        try (ArrayCache cache = open(StoredType.F32)) {
            assertThat(cache.size()).isEqualTo(10_000);
            for (int i = 0; i < 10_000; i++) {
                assertThat(cache.get(ArrayCache.key("image", "" + i))
                                .orElseThrow()
                                .values())
                        .isEqualTo(new float[] {i, -i});
            }
        }
        assertThat(names()).hasSize(3);
    }

    @Test
    void makesDifferentKeysOfDifferentParts() {
        assertThat(Stream.of(
                        ArrayCache.key("ab", "c"), ArrayCache.key("a", "bc"), ArrayCache.key("abc"), ArrayCache.key()))
                .doesNotHaveDuplicates()
                .allMatch(key -> key.matches("[0-9a-f]{64}"));
    }

    @Test
    void refusesWhatItCannotKeep() throws IOException {
        try (ArrayCache cache = open(StoredType.F16)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> cache.put("a", new CachedArray(new Shape(1), new float[] {70_000})))
                    .withMessageContaining("value 0 is 70000.0; expected a finite number that F16 can hold");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> cache.put("a\nb", array(LATENTS, 1)))
                    .withMessageContaining("expected one line");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new CachedArray(new Shape(2), new float[3]))
                    .withMessageContaining("3 values for shape");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> open(StoredType.I64));
        Files.writeString(above.resolve("file"), "");
        assertThatIOException()
                .isThrownBy(() -> ArrayCache.open(above.resolve("file"), "x", StoredType.F16, warnings::add));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(above.resolve("cache"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static CachedArray array(Shape shape, int seed) {
        Draws draws = Draws.of(seed);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) draws.uniform(-2, 2);
        }
        return new CachedArray(shape, values);
    }

    private static float[] stored(StoredType type, int seed, int count) {
        return array(new Shape(count), seed).as(type).values();
    }
}
