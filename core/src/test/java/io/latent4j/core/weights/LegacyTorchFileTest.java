package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LegacyTorchFileTest {

    private static final byte[] MAGIC = HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e");

    @TempDir
    Path folder;

    @Test
    void tensorsAreReadFromBehindThePickles() throws IOException {
        try (Checkpoint file = Checkpoint.open(write(1001, 4, 4));
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(file.read("w", manager).toFloatArray()).containsExactly(1, 3, 2, 4);
            assertThat(file.read("b", manager).toFloatArray()).containsExactly(5);
        }
    }

    @Test
    void anotherVersionIsRefused() throws IOException {
        Path file = write(1002, 4, 4);
        assertThatThrownBy(() -> Checkpoint.open(file)).hasMessageContaining("another version of the format");
    }

    @Test
    void storagesThatLieAreRefused() throws IOException {
        Path shorter = write(1001, 4, 3);
        assertThatThrownBy(() -> Checkpoint.open(shorter))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("; expected ");
        Path longer = write(1001, 4, 1L << 61);
        assertThatThrownBy(() -> Checkpoint.open(longer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("gives storage 77 2305843009213693952 elements");
    }

    @Test
    void codeIsRefused() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        out.writeBytes(new PickleBytes().global("os", "system").bytes());
        Path file = Files.write(folder.resolve("a.pt"), out.toByteArray());
        assertThatThrownBy(() -> Checkpoint.open(file)).hasMessageContaining("refuses os.system");
    }

    private Path write(long version, long promised, long announced) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(MAGIC);
        out.writeBytes(new PickleBytes().number(version).bytes());
        out.writeBytes(
                new PickleBytes().dict().text("little_endian").op(0x88).end().bytes());
        out.writeBytes(new PickleBytes()
                .dict()
                .text("w")
                .tensor("77", promised, 0, new long[] {2, 2}, 1, 2)
                .text("b")
                .tensor("78", 1, 0, new long[] {1}, 1)
                .end()
                .bytes());
        out.writeBytes(new PickleBytes().ops("](").text("77").text("78").op('e').bytes());
        ByteBuffer data = ByteBuffer.allocate(8 + 16 + 8 + 4).order(ByteOrder.LITTLE_ENDIAN);
        data.putLong(announced)
                .putFloat(1)
                .putFloat(2)
                .putFloat(3)
                .putFloat(4)
                .putLong(1)
                .putFloat(5);
        out.writeBytes(data.array());
        return Files.write(folder.resolve("a.pt"), out.toByteArray());
    }
}
