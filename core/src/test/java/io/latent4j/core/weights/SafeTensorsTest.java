package io.latent4j.core.weights;

import static io.latent4j.core.weights.SafeTensorsFile.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.primitives.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTensorsTest {

    @TempDir
    Path folder;

    private NDManager manager;

    @BeforeEach
    void openManager() {
        manager = NDManager.newBaseManager();
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    @ParameterizedTest
    @EnumSource(StoredType.class)
    void everyTypeIsReadAsWhatItStores(StoredType type) throws IOException {
        try (SafeTensors file = SafeTensors.open(threeValues(type, ""))) {
            NDArray stored = file.read("a", manager);
            assertThat(stored.getDataType()).isEqualTo(type.dataType());
            assertThat(stored.getShape()).isEqualTo(new Shape(3, 1));
            assertThat(floats(stored)).containsExactly(threeFloats(type));
            assertThat(floats(file.read("a", manager, DataType.FLOAT32))).containsExactly(threeFloats(type));
            assertThat(floats(file.read("a", manager, DataType.FLOAT16))).containsExactly(threeFloats(type));
        }
    }

    @ParameterizedTest
    @EnumSource(StoredType.class)
    void dataAtAnOddPositionIsReadAsWell(StoredType type) throws IOException {
        for (String padding : new String[] {" ", "  ", "   ", "     ", "       "}) {
            try (SafeTensors file = SafeTensors.open(threeValues(type, padding))) {
                assertThat(floats(file.read("a", manager))).containsExactly(threeFloats(type));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(StoredType.class)
    void aTensorLargerThanTheWindowIsReadPieceByPiece(StoredType type) throws IOException {
        try (SafeTensors file = SafeTensors.open(threeValues(type, ""), 16)) {
            assertThat(floats(file.read("a", manager))).containsExactly(threeFloats(type));
        }
        try (SafeTensors file = SafeTensors.open(threeValues(type, " "), 8)) {
            assertThat(floats(file.read("a", manager, DataType.FLOAT32))).containsExactly(threeFloats(type));
        }
    }

    @Test
    void scalarsAndEmptyTensorsKeepTheirShape() throws IOException {
        String json = "{" + entry("scalar", "U8", "[]", 0, 1) + "," + entry("empty", "F32", "[2, 0]", 1, 1) + "}";
        try (SafeTensors file = SafeTensors.open(SafeTensorsFile.write(folder, "a.safetensors", json, (byte) 7))) {
            assertThat(file.read("scalar", manager).getShape()).isEqualTo(new Shape());
            assertThat(floats(file.read("scalar", manager))).containsExactly(7);
            assertThat(file.read("empty", manager).getShape()).isEqualTo(new Shape(2, 0));
        }
    }

    @Test
    void anyByteButZeroIsTrueAndBecomesOne() throws IOException {
        String json = "{" + entry("a", "BOOL", "[4]", 0, 4) + "}";
        Path path = SafeTensorsFile.write(folder, "a.safetensors", json, (byte) 0, (byte) 1, (byte) 2, (byte) -1);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.read("a", manager).toByteArray()).containsExactly(0, 1, 1, 1);
            assertThat(floats(file.read("a", manager, DataType.UINT8))).containsExactly(0, 1, 1, 1);
        }
    }

    @Test
    void anArrayOutlivesItsFile() throws IOException {
        Path path = threeValues(StoredType.F32, "");
        NDArray array;
        try (SafeTensors file = SafeTensors.open(path)) {
            array = file.read("a", manager);
        }
        Files.write(path, new byte[(int) Files.size(path)]);
        assertThat(floats(array)).containsExactly(threeFloats(StoredType.F32));
    }

    @Test
    void aReadLeavesOneArrayToTheManager() throws IOException {
        try (SafeTensors file = SafeTensors.open(threeValues(StoredType.BOOL, ""), 8);
                NDManager own = manager.newSubManager()) {
            file.read("a", own, DataType.FLOAT32);
            assertThat(own.getManagedArrays()).hasSize(1);
        }
    }

    @Test
    void anUnknownNameIsRefused() throws IOException {
        try (SafeTensors file = SafeTensors.open(threeValues(StoredType.F32, ""))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> file.read("b", manager))
                    .withMessageContaining("no tensor \"b\"");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"BFLOAT16", "INT16", "UINT16", "UINT32", "UINT64", "COMPLEX64", "STRING", "UNKNOWN"})
    void aTypeTheBindingsDoNotKnowIsRefusedInsteadOfEndingTheProcess(DataType type) throws IOException {
        try (SafeTensors file = SafeTensors.open(threeValues(StoredType.F32, ""))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> file.read("a", manager, type))
                    .withMessageContaining(type.toString());
        }
    }

    @Test
    void readingAfterClosingIsRefused() throws IOException {
        SafeTensors file = SafeTensors.open(threeValues(StoredType.F32, ""));
        file.close();
        file.close();
        assertThatIllegalStateException()
                .isThrownBy(() -> file.read("a", manager))
                .withMessageContaining("is closed");
    }

    @Test
    @Timeout(60)
    void closingDuringAReadIsRefusedAndTheReadGoesOn() throws Exception {
        SafeTensors file = SafeTensors.open(threeValues(StoredType.F32, ""));
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        NDManager slow = waitingManager(reading, refused);
        CompletableFuture<float[]> read = CompletableFuture.supplyAsync(() -> {
            try {
                return floats(file.read("a", slow));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        reading.await();
        assertThatIllegalStateException().isThrownBy(file::close).withMessageContaining("being read");
        refused.countDown();
        assertThat(read.get(30, TimeUnit.SECONDS)).containsExactly(threeFloats(StoredType.F32));
        file.close();
    }

    @Test
    void aFileShortenedAfterOpeningIsAnError() throws IOException {
        Path path = threeValues(StoredType.F64, "");
        try (SafeTensors file = SafeTensors.open(path);
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() - 1);
            assertThatThrownBy(() -> file.read("a", manager))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("became shorter");
        }
    }

    /** A mapped file would end the process here. */
    @Test
    void aFileShortenedAtAnyMomentOfAReadIsAnError() throws Exception {
        int elements = 4 << 20;
        Random random = new Random(7);
        for (int round = 0; round < 40; round++) {
            StoredType type =
                    List.of(StoredType.F32, StoredType.F16, StoredType.F8_E4M3).get(round % 3);
            Path path = zeros("round" + round, type, elements);
            long cut = (long) (random.nextDouble() * elements * type.bytes());
            int spin = random.nextInt(2_000_000);
            try (SafeTensors file = SafeTensors.open(path)) {
                Thread truncating = new Thread(() -> {
                    for (int i = 0; i < spin; i++) {
                        Thread.onSpinWait();
                    }
                    truncate(path, cut);
                });
                truncating.start();
                try {
                    file.read("a", manager, DataType.FLOAT32).close();
                } catch (IOException e) {
                    assertThat(e).hasMessageStartingWith(path + ": the file changed: it became shorter");
                }
                truncating.join();
                assertThatThrownBy(() -> file.read("a", manager))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("became shorter");
            }
            Files.delete(path);
        }
        assertThat(manager.getManagedArrays()).isEmpty();
    }

    private Path zeros(String name, StoredType type, int elements) throws IOException {
        long bytes = (long) elements * type.bytes();
        byte[] start = SafeTensorsFile.bytes("{" + entry("a", type.name(), "[" + elements + "]", 0, bytes) + "}");
        Path path = Files.write(folder.resolve(name), start);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(start.length + bytes);
        }
        return path;
    }

    private static void truncate(Path path, long size) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(size);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void everyFloat8IsWidenedExactly() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        String json =
                "{" + entry("a", "F8_E4M3", "[256]", 0, 256) + "," + entry("b", "F8_E5M2", "[16, 16]", 256, 512) + "}";
        Path path = SafeTensorsFile.write(folder, "a.safetensors", json, Bytes.concat(all, all));
        try (SafeTensors file = SafeTensors.open(path)) {
            float[] e4m3 = floats(file.read("a", manager));
            assertThat(e4m3[0x01]).isEqualTo(0x1p-9f); // the smallest
            assertThat(e4m3[0x07]).isEqualTo(0x7p-9f);
            assertThat(e4m3[0x08]).isEqualTo(0x1p-6f); // the smallest that is normal
            assertThat(e4m3[0x38]).isEqualTo(1);
            assertThat(e4m3[0x7e]).isEqualTo(448); // the largest
            assertThat(e4m3[0xfe]).isEqualTo(-448);
            assertThat(e4m3[0x7f]).isNaN();
            assertThat(e4m3[0xff]).isNaN();
            assertThat(Float.floatToRawIntBits(e4m3[0x80])).isEqualTo(0x80000000);
            float[] e5m2 = floats(file.read("b", manager));
            assertThat(e5m2[0x01]).isEqualTo(0x1p-16f);
            assertThat(e5m2[0x04]).isEqualTo(0x1p-14f);
            assertThat(e5m2[0x3c]).isEqualTo(1);
            assertThat(e5m2[0x7b]).isEqualTo(57344); // the largest
            assertThat(e5m2[0xfc]).isEqualTo(Float.NEGATIVE_INFINITY);
            assertThat(e5m2[0x7d]).isNaN();
            assertThat(floats(file.read("b", manager, DataType.FLOAT16))).containsExactly(e5m2);
        }
    }

    @Test
    void float8WithScalesBesideItIsRefused() throws IOException {
        String json = "{" + entry("a.weight", "F8_E4M3", "[4]", 0, 4) + "," + entry("a.scale_weight", "F32", "[]", 4, 8)
                + "}";
        Path path = SafeTensorsFile.write(folder, "a.safetensors", json, new byte[8]);
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(file.tensors().get("a.weight").type()).isEqualTo(StoredType.F8_E4M3);
            assertThat(floats(file.read("a.scale_weight", manager))).containsExactly(0);
            assertThatThrownBy(() -> file.read("a.weight", manager))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("float8 weights with scales beside them, which are not supported");
        }
    }

    /** Sparse: the file takes a few blocks on disk, and its holes are zeros. */
    @ParameterizedTest
    @ValueSource(longs = {0, 1})
    void positionsBeyondTwoGibibytesAreRead(long odd) throws IOException {
        long before = (3L << 30) + odd;
        String json = "{" + entry("hole", "U8", "[" + before + "]", 0, before)
                + "," + entry("zeros", "F32", "[1024]", before, before + 4096)
                + "," + entry("end", "F32", "[2]", before + 4096, before + 4104) + "}";
        json += " ".repeat((8 - json.length() % 8) % 8);
        Path path = folder.resolve("large.safetensors");
        byte[] start = SafeTensorsFile.bytes(json);
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(start));
            ByteBuffer end = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(end.putFloat(1.5f).putFloat(-2).flip(), start.length + before + 4096);
        }
        try (SafeTensors file = SafeTensors.open(path)) {
            assertThat(floats(file.read("end", manager))).containsExactly(1.5f, -2);
            assertThat(floats(file.read("zeros", manager))).hasSize(1024).containsOnly(0);
            assertThat(file.tensors().get("hole").elements()).isEqualTo(before);
        }
    }

    @Test
    void memoryOfTensorsThatWereReadIsGivenBack() throws IOException {
        Assumptions.assumeTrue(Files.isReadable(Path.of("/proc/self/status")), "resident memory as Linux reports it");
        int tensors = 12;
        long bytes = 64L << 20;
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i < tensors; i++) {
            json.append(i == 0 ? "" : ",").append(entry("t" + i, "F32", "[16777216]", i * bytes, (i + 1) * bytes));
        }
        byte[] start = SafeTensorsFile.bytes(json + "}");
        Path path = folder.resolve("large.safetensors");
        try (FileChannel channel = FileChannel.open(
                path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            channel.write(ByteBuffer.wrap(start));
            channel.write(ByteBuffer.allocate(1), start.length + tensors * bytes - 1);
        }
        try (SafeTensors file = SafeTensors.open(path)) {
            file.read("t0", manager, DataType.FLOAT16).close();
            long before = residentBytes();
            for (int i = 0; i < tensors; i++) {
                file.read("t" + i, manager, DataType.FLOAT16).close();
            }
            assertThat(residentBytes() - before).isLessThan(3 * bytes);
        }
    }

    private static long residentBytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Stands for {@link #manager}, but its first array waits until the test has tried to close the file. */
    private NDManager waitingManager(CountDownLatch reading, CountDownLatch refused) {
        return (NDManager) Proxy.newProxyInstance(
                NDManager.class.getClassLoader(), new Class<?>[] {NDManager.class}, (proxy, method, arguments) -> {
                    reading.countDown();
                    refused.await();
                    try {
                        return method.invoke(manager, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static float[] floats(NDArray array) {
        try (NDArray floats = array.toType(DataType.FLOAT32, true)) {
            return floats.toFloatArray();
        }
    }

    /** A file with a (3, 1) tensor, whose data start {@code padding} bytes after a position divisible by 8. */
    private Path threeValues(StoredType type, String padding) throws IOException {
        String json = "{" + entry("a", type.name(), "[3, 1]", 0, 3L * type.bytes()) + "}";
        json += " ".repeat((8 - json.getBytes(StandardCharsets.UTF_8).length % 8) % 8) + padding;
        ByteBuffer data = ByteBuffer.allocate(3 * type.bytes()).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, 3).forEach(i -> put(data, type, i));
        return SafeTensorsFile.write(folder, "three.safetensors", json, data.array());
    }

    private static void put(ByteBuffer data, StoredType type, int i) {
        switch (type) {
            case F64 -> data.putDouble(1.5 - 2 * i);
            case F32 -> data.putFloat(1.5f - 2 * i);
            case F16 -> data.putShort((short) new int[] {0x3e00, 0xb800, 0xc100}[i]);
            case BF16 -> data.putShort((short) (Float.floatToRawIntBits(1.5f - 2 * i) >>> 16));
            case F8_E4M3 -> data.put((byte) new int[] {0x3c, 0xb0, 0xc2}[i]);
            case F8_E5M2 -> data.put((byte) new int[] {0x3e, 0xb8, 0xc1}[i]);
            case I64 -> data.putLong(100 - 101 * i);
            case I32 -> data.putInt(100 - 101 * i);
            case I16 -> data.putShort((short) (100 - 101 * i));
            case I8 -> data.put((byte) (100 - 101 * i));
            case U8 -> data.put((byte) (1 + 100 * i));
            case BOOL -> data.put((byte) (i % 2));
        }
    }

    private static float[] threeFloats(StoredType type) {
        return switch (type) {
            case F64, F32, F16, BF16, F8_E4M3, F8_E5M2 -> new float[] {1.5f, -0.5f, -2.5f};
            case I64, I32, I16, I8 -> new float[] {100, -1, -102};
            case U8 -> new float[] {1, 101, 201};
            case BOOL -> new float[] {0, 1, 0};
        };
    }
}
