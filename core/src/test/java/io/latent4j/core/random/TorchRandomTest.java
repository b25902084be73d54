package io.latent4j.core.random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.latent4j.core.weights.SafeTensors;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The recorded streams hold, for each seed, ten calls of one generator and two first calls of fresh ones. */
class TorchRandomTest {

    private static final int CALLS = 10;

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, 2147483647L, 4294967301L, 1234567890123L, -1})
    void normalValuesOfSuccessiveCallsAreThoseOfTorch(long seed) throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (SafeTensors recorded : recordings()) {
                try (recorded) {
                    TorchRandom random = new TorchRandom(seed);
                    for (int call = 0; call < CALLS; call++) {
                        float[] expected = read(recorded, manager, "s" + seed + ".call" + call);
                        assertAsRecorded(random.normal(expected.length), expected);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 42, 2147483647L, 4294967301L, 1234567890123L, -1})
    void firstCallsAreThoseOfTorch(long seed) throws Exception {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (SafeTensors recorded : recordings()) {
                try (recorded) {
                    float[] latents = read(recorded, manager, "s" + seed + ".latents");
                    assertAsRecorded(
                            new TorchRandom(seed)
                                    .normal(manager, new Shape(1, 4, 8, 8))
                                    .toFloatArray(),
                            latents);
                    float[] uniform = read(recorded, manager, "s" + seed + ".uniform");
                    assertThat(new TorchRandom(seed).uniform(uniform.length)).isEqualTo(uniform);
                    assertThat(new TorchRandom(seed)
                                    .uniform(manager, new Shape(4, 5))
                                    .toFloatArray())
                            .isEqualTo(uniform);
                }
            }
        }
    }

    @Test
    void onlyTheLower32BitsOfASeedCount() {
        assertThat(new TorchRandom((1L << 32) + 5).normal(20)).isEqualTo(new TorchRandom(5).normal(20));
    }

    @Test
    void twistRepeatsOnlyAfterTheWholeState() {
        // the 10000th output of the generator as its authors and the C++ standard give it for the seed 5489
        Mt19937 bits = new Mt19937(5489);
        for (int i = 1; i < 10000; i++) {
            bits.nextInt();
        }
        assertThat(Integer.toUnsignedLong(bits.nextInt())).isEqualTo(4123659995L);
    }

    @Test
    void functionsAreAccurateOnTheWholeRange() {
        for (int i = 1; i <= 1 << 24; i += 997) {
            float u = i * 0x1p-24f;
            float angle = (float) (2 * Math.PI) * u;
            assertThat(FloatFunctions.log(u)).isCloseTo((float) Math.log(u), within(2e-6f));
            assertThat(FloatFunctions.sin(angle)).isCloseTo((float) Math.sin(angle), within(2e-7f));
            assertThat(FloatFunctions.cos(angle)).isCloseTo((float) Math.cos(angle), within(2e-7f));
        }
        assertThat(FloatFunctions.log(1)).isZero();
        assertThat(FloatFunctions.cos(0)).isOne();
    }

    @Test
    void aRadiusOfZeroGivesPositiveZeros() {
        // the uniform value there is 0, so that the radius is the root of minus two times the logarithm of 1
        assertThat(new TorchRandom(12).uniform(411303)[411302]).isZero();
        float value = new TorchRandom(12).normal(411312)[411302];
        assertThat(Float.floatToRawIntBits(value)).isZero();
    }

    @Test
    void noValuesAreDrawnForNone() {
        TorchRandom random = new TorchRandom(3);
        assertThat(random.normal(0)).isEmpty();
        assertThat(random.uniform(0)).isEmpty();
        assertThat(random.normal(4)).isEqualTo(new TorchRandom(3).normal(4));
        assertThatIllegalArgumentException().isThrownBy(() -> random.normal(-1));
    }

    @Test
    void normalValuesHaveMeanZeroAndVarianceOne() {
        double sum = 0;
        double squares = 0;
        float[] values = new TorchRandom(7).normal(1 << 20);
        for (float value : values) {
            assertThat(value).isFinite();
            sum += value;
            squares += value * value;
        }
        assertThat(sum / values.length).isCloseTo(0, within(5e-3));
        assertThat(squares / values.length).isCloseTo(1, within(5e-3));
    }

    @Test
    void noiseHasShapeTypeAndManagerOfTheLatents() {
        try (NDManager manager = NDManager.newBaseManager();
                NDManager request = manager.newSubManager()) {
            NDArray latents = request.zeros(new Shape(1, 4, 8, 8), DataType.FLOAT16);
            NDArray noise = new TorchRandom(42).like(latents);
            assertThat(noise.getShape()).isEqualTo(latents.getShape());
            assertThat(noise.getDataType()).isEqualTo(DataType.FLOAT16);
            assertThat(noise.getManager()).isSameAs(request);
            assertThat(noise.toType(DataType.FLOAT32, true).getFloat(0, 1, 2, 3))
                    .isCloseTo(new TorchRandom(42).normal(256)[64 + 16 + 3], within(2e-3f));
            assertThat(request.getManagedArrays()).hasSize(3); // latents, noise and the copy just made
        }
    }

    @Test
    void anImageHasItsSeedsNoiseInAnyBatch() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray batch = manager.zeros(new Shape(3, 4, 5, 7));
            NoiseSource source = NoiseSource.perImage(42, 3);
            NDArray first = source.like(batch);
            NDArray second = source.like(batch);
            assertThat(first.getShape()).isEqualTo(batch.getShape());
            for (int i = 0; i < 3; i++) {
                TorchRandom alone = new TorchRandom(42 + i);
                assertThat(first.get(i).toFloatArray()).isEqualTo(alone.normal(140));
                assertThat(second.get(i).toFloatArray()).isEqualTo(alone.normal(140));
            }
        }
    }

    @Test
    void perImageMotionIsThatOfEachSeedAloneAndDisturbsNoDraw() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NoiseSource source = NoiseSource.perImage(42, 3);
            NDArray batch = manager.zeros(new Shape(3, 4, 5));
            NDArray motion = source.between(batch, 0.1, 2);
            NDArray drawn = source.like(batch);
            for (int i = 0; i < 3; i++) {
                NDArray image = manager.zeros(new Shape(1, 4, 5));
                TorchRandom alone = new TorchRandom(42 + i);
                assertThat(motion.get(i).toFloatArray())
                        .isEqualTo(alone.between(image, 0.1, 2).toFloatArray());
                assertThat(drawn.get(i).toFloatArray())
                        .isEqualTo(alone.like(image).toFloatArray());
            }
            assertThat(source.between(batch, 0.1, 2).toFloatArray()).isEqualTo(motion.toFloatArray());
        }
    }

    @Test
    void perImageNoiseRefusesABatchOfAnotherSize() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NoiseSource source = NoiseSource.perImage(42, 3);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> source.like(manager.zeros(new Shape(2, 4, 8, 8))))
                    .withMessageContaining("(2, 4, 8, 8)")
                    .withMessageContaining("3 images");
        }
        assertThatIllegalArgumentException().isThrownBy(() -> NoiseSource.perImage(0, 0));
    }

    private static List<SafeTensors> recordings() throws IOException, URISyntaxException {
        List<SafeTensors> recordings = new ArrayList<>();
        recordings.add(SafeTensors.open(Path.of(TorchRandomTest.class
                .getResource("torch_cpu_generator.safetensors")
                .toURI())));
        Path reference = Path.of(System.getProperty("latent4j.root", ".."))
                .resolve(System.getProperty("reference", ""))
                .resolve("cases/random/torch_cpu_generator.safetensors");
        if (!System.getProperty("reference", "").isEmpty() && Files.exists(reference)) {
            recordings.add(SafeTensors.open(reference));
        }
        return recordings;
    }

    private static float[] read(SafeTensors file, NDManager manager, String name) throws IOException {
        try (NDArray values = file.read(name, manager)) {
            return values.toFloatArray();
        }
    }

    /** Blocks of 16 use float arithmetic that is the same everywhere; single values the platform's double functions. */
    private static void assertAsRecorded(float[] actual, float[] expected) {
        if (expected.length >= 16) {
            assertThat(actual).isEqualTo(expected);
            return;
        }
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).as("value %d", i).isCloseTo(expected[i], within(Math.ulp(expected[i])));
        }
    }
}
