package io.latent4j.core.weights;

import static io.latent4j.core.weights.SafeTensorsFile.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import io.latent4j.core.config.Counted;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderTest {

    @TempDir
    Path folder;

    @Test
    void tensorsComeInTheOrderOfTheirBytes() throws IOException {
        String json = "{" + entry("last", "F16", "[2, 1]", 8, 12) + "," + entry("scalar", "I64", "[]", 0, 8) + ","
                + entry("none", "F32", "[0, 3]", 8, 8) + ", \"__metadata__\": {\"format\": \"pt\"}}  ";
        try (SafeTensors file = SafeTensors.open(SafeTensorsFile.write(folder, "a.safetensors", json, new byte[12]))) {
            long data = 8L + json.length();
            assertThat(file.tensors())
                    .containsExactly(
                            Map.entry("scalar", new TensorInfo(StoredType.I64, new Shape(), data, data + 8)),
                            Map.entry("none", new TensorInfo(StoredType.F32, new Shape(0, 3), data + 8, data + 8)),
                            Map.entry("last", new TensorInfo(StoredType.F16, new Shape(2, 1), data + 8, data + 12)));
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
            assertThat(file.tensors().get("last").elements()).isEqualTo(2);
        }
    }

    @Test
    void aHeaderWithoutTensorsIsSound() throws IOException {
        try (SafeTensors file = SafeTensors.open(SafeTensorsFile.write(folder, "a.safetensors", "{}"))) {
            assertThat(file.tensors()).isEmpty();
            assertThat(file.metadata()).isEmpty();
        }
    }

    @Test
    void keysOfLaterVersionsOfTheFormatAreSkipped() throws IOException {
        String json = """
                {"a": {"dtype": "U8", "later": {"x": [1, {}]}, "shape": [1], "data_offsets": [0, 1]}}""";
        try (SafeTensors file = SafeTensors.open(SafeTensorsFile.write(folder, "a.safetensors", json, (byte) 1))) {
            assertThat(file.tensors()).containsOnlyKeys("a");
        }
    }

    /** Headers for eight bytes of data. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            []                                                                             | does not start with '{'
            \u00a0                                                                         | does not start with '{'
            {                                                                              | not JSON
            {"a": 1                                                                        | has "a" as NUMBER
            {a: {}}                                                                        | not JSON
            {} {}                                                                          | not JSON
            {"a": null}                                                                    | has "a" as NULL
            {"a": {}}                                                                      | incomplete tensor "a"
            {"a": {"dtype": "U8", "shape": [8]}}                                           | incomplete tensor "a"
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": [8]}}                      | incomplete tensor "a"
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8, 8]}}                | too many numbers in "a" data_offsets
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": "0, 8"}}                   | "a" data_offsets as STRING
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": ["0", 8]}}                 | "a" data_offsets as STRING
            {"a": {"dtype": "U8", "shape": [8.0], "data_offsets": [0, 8]}}                 | has "8.0" in "a" shape
            {"a": {"dtype": "U8", "shape": [-8], "data_offsets": [0, 8]}}                  | has "-8" in "a" shape
            {"a": {"dtype": "U8", "shape": [9223372036854775808], "data_offsets": [0, 8]}} | has 9223372036854775808 in "a" shape
            {"a": {"dtype": "U8", "shape": [99999999999999999999], "data_offsets": [0, 8]}}| has "99999999999999999999" in
            {"a": {"dtype": 8, "shape": [8], "data_offsets": [0, 8]}}                      | "a" dtype as NUMBER
            {"a": {"dtype": "U8", "dtype": "U8", "shape": [8], "data_offsets": [0, 8]}}    | "dtype" twice in tensor "a"
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": [0, 8]}, "a": {"dtype": "U8", "shape": [0], "data_offsets": [8, 8]}} | tensor "a" twice
            {"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}                  | gives 8 bytes to the tensor "a"; expected 4
            {"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 8]}} | fewer than 2^63
            {"a": {"dtype": "F32", "shape": [4294967296, 0, 4294967296], "data_offsets": [0, 0]}} | fewer than 2^63
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": [1, 9]}}                   | at 1 to 9; expected a range within the file's 8
            {"a": {"dtype": "U8", "shape": [8], "data_offsets": [8, 0]}}                   | at 8 to 0
            {"a": {"dtype": "U8", "shape": [7], "data_offsets": [1, 8]}}                   | start at 1 in the data; expected 0
            {"a": {"dtype": "U8", "shape": [7], "data_offsets": [0, 7]}}                   | has 1 byte behind the last tensor
            {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [3], "data_offsets": [5, 8]}} | "b" start at 5 in the data; expected 4
            {"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [5], "data_offsets": [3, 8]}} | "b" start at 3 in the data; expected 4
            {"__metadata__": {"a": 1}}                                                     | __metadata__ "a" as NUMBER
            {"__metadata__": {"a": {}}}                                                    | __metadata__ "a" as BEGIN_OBJECT
            {"__metadata__": []}                                                           | __metadata__ as BEGIN_ARRAY
            {"__metadata__": {"a": "1", "a": "2"}}                                         | key "a" twice
            {"__metadata__": {}, "__metadata__": {}}                                       | __metadata__ twice
            """)
    void aDamagedHeaderIsRefused(String json, String what) throws IOException {
        assertRefused(SafeTensorsFile.bytes(json, new byte[8]), what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E8M0", "U32", "C64", "F4", "mine"})
    void anotherTypeIsNotSupportedAndNotDamage(String type) throws IOException {
        Path file = SafeTensorsFile.write(folder, "a.safetensors", "{" + entry("a", type, "[1]", 0, 1) + "}", (byte) 0);
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": has the tensor \"a\" of type \"" + type
                        + "\", which is not supported; expected one of [F64,")
                .hasMessageEndingWith("; convert the file to one of these");
    }

    @Test
    void moreTensorsAndLongerNamesThanModelsHaveAreRefused() throws IOException {
        StringBuilder json = new StringBuilder("{");
        for (int i = 0; i <= 200_000; i++) {
            json.append(i == 0 ? "" : ",")
                    .append("\"")
                    .append(i)
                    .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
        }
        assertRefused(SafeTensorsFile.bytes(json.append("}").toString()), "has more than 200000 tensors");
        assertRefused(
                SafeTensorsFile.bytes("{" + entry("n".repeat(2_001), "U8", "[0]", 0, 0) + "}"),
                "has a tensor name of 2001 letters");
    }

    @Test
    void aHeaderLargerThanMemoryShouldHoldIsRefused() throws IOException {
        Path file = folder.resolve("large.safetensors");
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength(99_000_000 + 8);
            large.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(99_000_000)
                    .array());
        }
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("announces a header of 99000000 bytes; expected at most 33554432");
    }

    @Test
    void moreDimensionsThanTheEngineHandlesAreRefused() throws IOException {
        String shape = "[" + "1,".repeat(64) + "1]";
        assertRefused(SafeTensorsFile.bytes("{" + entry("a", "U8", shape, 0, 1) + "}", (byte) 0), "at most 64");
    }

    @Test
    void nestingAsDeepAsTheHeaderIsLongIsRefused() throws IOException {
        String json = "{\"a\": {\"x\": " + "[".repeat(1_000_000);
        assertRefused(SafeTensorsFile.bytes(json), "not JSON");
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        byte[] json = "{\"?\": {}}".getBytes(StandardCharsets.US_ASCII);
        json[2] = (byte) 0xff;
        assertRefused(SafeTensorsFile.bytes(json.length, json), "not JSON in UTF-8");
    }

    @Test
    void aDamagedNameIsShortenedInTheMessage() throws IOException {
        Path file = SafeTensorsFile.write(folder, "a.safetensors", "{\"" + "n".repeat(1_000_000) + "\": 1}");
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(1000));
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void aHeaderLengthBeyondTheFileIsRefused(long length) throws IOException {
        assertRefused(
                SafeTensorsFile.bytes(length, new byte[] {'{', '}'}),
                "announces a header of " + Long.toUnsignedString(length) + " bytes; expected at most 2");
    }

    @Test
    void aHeaderLengthShorterThanTheHeaderIsRefused() throws IOException {
        assertRefused(SafeTensorsFile.bytes(1, new byte[] {'{', '}'}), "not JSON");
        assertRefused(SafeTensorsFile.bytes(0, new byte[] {'{', '}'}), "does not start with '{'");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7})
    void aFileWithoutRoomForTheHeaderLengthIsRefused(int size) throws IOException {
        assertRefused(new byte[size], "has " + Counted.of(size, "byte") + "; expected at least 8");
    }

    @Test
    void everyShorteningOfASoundFileIsRefused() throws IOException {
        byte[] sound = SafeTensorsFile.bytes(
                "{" + entry("a", "U8", "[4]", 0, 4) + "," + entry("b", "F32", "[2]", 4, 12) + "}", new byte[12]);
        for (int length = 0; length < sound.length; length++) {
            assertRefused(Arrays.copyOf(sound, length), "expected");
        }
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> SafeTensors.open(folder.resolve("none.safetensors")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("none.safetensors: does not exist");
        assertThatThrownBy(() -> SafeTensors.open(folder))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is a folder");
    }

    private void assertRefused(byte[] bytes, String what) throws IOException {
        Path file = Files.write(folder.resolve("bad.safetensors"), bytes);
        assertThatThrownBy(() -> SafeTensors.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(what)
                .hasMessageContaining("; expected ")
                .hasMessageContaining("fetch or write it again");
    }
}
