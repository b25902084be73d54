package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchArchiveTest {

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

    @Test
    void tensorsAreReadByNameWhateverTheirStrides() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("plain")
                .tensor("0", 6, 0, new long[] {2, 3}, 3, 1)
                .text("turned")
                .tensor("0", 6, 0, new long[] {3, 2}, 1, 3)
                .text("middle")
                .tensor("0", 6, 1, new long[] {2}, 3)
                .text("scalar")
                .tensor("0", 6, 5, new long[] {})
                .text("none")
                .tensor("0", 6, 6, new long[] {0, 4}, 4, 1)
                .end();
        try (Checkpoint file = open(pickle)) {
            assertThat(file.tensors().keySet()).containsExactly("plain", "turned", "middle", "scalar", "none");
            assertThat(file.read("plain", manager).getShape()).isEqualTo(new Shape(2, 3));
            assertThat(floats(file, "plain")).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(file.read("turned", manager).getShape()).isEqualTo(new Shape(3, 2));
            assertThat(floats(file, "turned")).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(floats(file, "middle")).containsExactly(2, 5);
            assertThat(floats(file, "scalar")).containsExactly(6);
            assertThat(file.read("none", manager).getShape()).isEqualTo(new Shape(0, 4));
        }
    }

    @Test
    void aTensorThatIsScatteredIsGatheredWindowByWindow() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("w")
                .tensor("0", 6, 0, new long[] {3, 2}, 1, 3)
                .end();
        Path path = archive(pickle).write(folder.resolve("a.bin"));
        try (TensorFile file = TensorFile.open(path, "an archive", 8, TorchArchive::read)) {
            assertThat(file.read("w", manager).toFloatArray()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(file.read("w", manager, DataType.FLOAT16)
                            .toType(DataType.FLOAT32, true)
                            .toFloatArray())
                    .containsExactly(1, 4, 2, 5, 3, 6);
        }
    }

    @Test
    void aTrainersCheckpointGivesItsStateAndWhatElseItHoldsStaysAsleep() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("global_step")
                .number(440000)
                .text("callbacks")
                .dict()
                .global("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")
                .dict()
                .text("best")
                .global("numpy.core.multiarray", "scalar")
                .op('(')
                .global("numpy", "dtype")
                .op('(')
                .text("f8")
                .number(0)
                .number(1)
                .ops("tRtR")
                .end()
                .end()
                .text("optimizer_states")
                .dict()
                .text("momentum")
                .tensor("lost", 6, 0, new long[] {6}, 1)
                .end()
                .text("state_dict")
                .global("collections", "OrderedDict")
                .ops(")R(")
                .text("weight")
                .tensor("0", 6, 0, new long[] {6}, 1)
                .end()
                .end();
        try (Checkpoint file = open(pickle)) {
            assertThat(file.tensors()).containsOnlyKeys("weight");
            assertThat(file.metadata()).containsEntry("global_step", "440000");
        }
    }

    @Test
    void nestedNamesAreJoinedAndTextBesideThemIsMetadata() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("name")
                .text("glimmer")
                .text("string_to_param")
                .global("torch.nn.modules.container", "ParameterDict")
                .op(')')
                .op(0x81)
                .dict()
                .text("training")
                .op(0x88)
                .text("_parameters")
                .dict()
                .text("*")
                .global("torch._utils", "_rebuild_parameter")
                .op('(')
                .tensor("0", 6, 0, new long[] {1, 6}, 6, 1)
                .op(0x88)
                .ops("}tR")
                .end()
                .end()
                .op('b')
                .end();
        try (Checkpoint file = open(pickle)) {
            assertThat(file.tensors()).containsOnlyKeys("string_to_param.*");
            assertThat(file.metadata()).containsEntry("name", "glimmer");
        }
    }

    /** A pattern that tries a group for each part of it would need a stack as deep. */
    @Test
    void aNameOfManyPartsIsRefused() {
        PickleBytes named = new PickleBytes().global("lightning" + ".a".repeat(100_000), "b");
        assertThatThrownBy(() -> open(named))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("refuses lightning.a.a")
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    }

    @ParameterizedTest
    @CsvSource({
        "os, system",
        "posix, system",
        "nt, system",
        "subprocess, Popen",
        "builtins, eval",
        "builtins, exec",
        "__builtin__, eval",
        "builtins, getattr",
        "builtins, __import__",
        "runpy, run_path",
        "torch, load",
        "torch.storage, _load_from_bytes",
        "numpy.testing._private.utils, runstring",
        "pytorch_lightning, os.system;x",
        "webbrowser, open",
        "torch.nn.modules.linear, Linear"
    })
    void aFunctionThatTensorsDoNotNeedIsRefusedByName(String module, String name) {
        PickleBytes called = new PickleBytes()
                .dict()
                .text("weight")
                .tensor("0", 6, 0, new long[] {6}, 1)
                .text("x")
                .global(module, name)
                .op('(')
                .text("touch " + folder.resolve("owned"))
                .ops("tR")
                .end();
        assertThatThrownBy(() -> open(called))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("refuses " + module + "." + name)
                .hasMessageContaining("a file of weights has no business to name it");
        assertThat(folder.resolve("owned")).doesNotExist();
        PickleBytes stacked = new PickleBytes().text(module).text(name).op(0x93);
        assertThatThrownBy(() -> open(stacked)).hasMessageContaining("refuses " + module);
    }

    @ParameterizedTest
    @CsvSource({
        "torch, ComplexFloatStorage",
        "torch.cuda, QInt8Storage",
        "torch, complex64",
        "torch, uint16",
        "torch, float8_e4m3fnuz"
    })
    void anotherTypeIsNotSupportedAndNotDamage(String module, String name) {
        assertThatThrownBy(() -> open(new PickleBytes().global(module, name)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has a tensor of type " + module + "." + name + ", which is not supported")
                .hasMessageEndingWith("convert the file to one of these");
    }

    @Test
    void float8IsReadFromUntypedStorages() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v3")
                .op('(')
                .op('(')
                .text("storage")
                .global("torch.storage", "UntypedStorage")
                .text("0")
                .text("cpu")
                .number(24)
                .ops("tQ")
                .number(0)
                .numbers(2)
                .numbers(1)
                .op(0x89)
                .global("collections", "OrderedDict")
                .ops(")R")
                .global("torch", "float8_e5m2")
                .ops("tR")
                .end();
        try (Checkpoint file = open(pickle);
                NDManager manager = NDManager.newBaseManager()) {
            assertThat(file.tensors().get("w").type()).isEqualTo(StoredType.F8_E5M2);
            assertThat(file.read("w", manager).getShape()).isEqualTo(new Shape(2));
        }
    }

    /** The items of a list are copied each time, and the list is remembered. */
    @Test
    void copiesOfOneListCountEachTime() {
        PickleBytes pickle = new PickleBytes().ops("]").op('q').op(0).op('(');
        for (int i = 0; i < 1_000; i++) {
            pickle.ops("NN").op(0x86);
        }
        pickle.op('e').op('0');
        for (int i = 0; i < 1_100; i++) {
            pickle.global("collections", "OrderedDict")
                    .op('h')
                    .op(0)
                    .op(0x85)
                    .op('R')
                    .op('0');
        }
        assertThatThrownBy(() -> open(pickle))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has more than 1000000 opcodes");
    }

    @Test
    void scansOfOneStateCountEachTime() {
        PickleBytes pickle = new PickleBytes().dict();
        for (int i = 0; i < 2_000; i++) {
            pickle.text("k" + i).op('N');
        }
        pickle.end().op('q').op(0).op('0').dict();
        for (int i = 0; i < 600; i++) {
            pickle.text("d" + i)
                    .global("torch.nn.modules.container", "ParameterDict")
                    .op(')')
                    .op(0x81)
                    .op('h')
                    .op(0)
                    .op('b');
        }
        assertThatThrownBy(() -> open(pickle.end()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds more than 1000000 values");
    }

    @Test
    void lettersOfAllNamesAreBounded() {
        PickleBytes many = new PickleBytes().dict().text("p".repeat(1_900)).dict();
        for (int i = 0; i < 9_000; i++) {
            many.text("k" + i).op(0x88);
        }
        assertThatThrownBy(() -> open(many.end().end()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at most 2000 of one and 16777216 of all");
        assertThatThrownBy(() -> open(new PickleBytes()
                        .dict()
                        .text("p".repeat(2_001))
                        .op(0x88)
                        .end()))
                .isInstanceOf(IOException.class)
                .satisfies(e -> assertThat(e.getMessage().length()).isLessThan(500));
    }

    @Test
    void tensorsThatShareAStorageAreBoundedByTheFile() throws IOException {
        PickleBytes pickle = new PickleBytes().dict();
        for (int i = 0; i < 70; i++) {
            pickle.text("t" + i).tensor("0", 1 << 18, 0, new long[] {1 << 18}, 1);
        }
        TorchArchiveFile archive = new TorchArchiveFile().pickle(pickle.end()).storage("0", new float[1 << 18]);
        Path file = archive.write(folder.resolve("shared.pt"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("has tensors of more than 67108864 bytes up to \"t64\"");
    }

    @Test
    void anArchiveShortenedAfterOpeningIsAnError() throws IOException {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("w")
                .tensor("0", 6, 0, new long[] {2, 3}, 1, 2)
                .end();
        Path path = folder.resolve("shortened.pt");
        try (Checkpoint file = Checkpoint.open(new TorchArchiveFile()
                        .pickle(pickle)
                        .storage("0", new float[6])
                        .write(path));
                NDManager manager = NDManager.newBaseManager();
                FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            channel.truncate(file.tensors().get("w").end() - 1);
            assertThatThrownBy(() -> file.read("w", manager))
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith(path + ": the file changed");
        }
    }

    @Test
    void opcodesThatOnlyCodeNeedsAreRefused() {
        for (int opcode : new int[] {'i', 'o', 'P', 'I', 'S', 'V', 0x82, 0x83, 0x84, 0x97, 0xff}) {
            assertThatThrownBy(() -> open(new PickleBytes().ops("(").op(opcode)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("has the opcode 0x%02x at byte 3".formatted(opcode));
        }
    }

    @Test
    void tensorsBeyondTheirStorageAreRefused() {
        refusesTensor(6, 0, new long[] {7}, 1);
        refusesTensor(6, 1, new long[] {6}, 1);
        refusesTensor(6, -1, new long[] {2}, 1);
        refusesTensor(6, 0, new long[] {2, 2}, 6, 1);
        refusesTensor(6, 0, new long[] {-1}, 1);
        refusesTensor(6, 5, new long[] {2}, -1);
        refusesTensor(6, 7, new long[] {0}, 1);
        refusesTensor(6, 0, new long[] {2}, 1, 1);
        refusesTensor(6, 0, new long[] {1L << 40}, 0);
        refusesTensor(6, 0, new long[] {1L << 40, 1L << 40}, 0, 0);
        refusesTensor(6, 0, new long[] {2}, Long.MAX_VALUE);
        refusesTensor(6, 0, new long[65], new long[65]);
        refusesTensor(7, 0, new long[] {6}, 1);
        refusesTensor(5, 0, new long[] {5}, 1);
        refusesTensor(-1, 0, new long[] {1}, 1);
        refusesTensor(Long.MAX_VALUE, 0, new long[] {1}, 1);
    }

    private void refusesTensor(long elements, long offset, long[] shape, long... strides) {
        PickleBytes pickle = new PickleBytes()
                .dict()
                .text("w")
                .tensor("0", elements, offset, shape, strides)
                .end();
        assertThatThrownBy(() -> open(pickle))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("\"w\"")
                .hasMessageContaining("; expected ");
    }

    @Test
    void aStorageThatIsNotThereIsRefused() {
        for (String key : new String[] {"1", "../0", "../../a/data/0", "/etc/passwd"}) {
            PickleBytes pickle = new PickleBytes()
                    .dict()
                    .text("w")
                    .tensor(key, 6, 0, new long[] {6}, 1)
                    .end();
            assertThatThrownBy(() -> open(pickle))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("has no entry a/data/" + key);
        }
    }

    @Test
    void dictionariesThatHoldThemselvesEndInAnError() {
        PickleBytes cycle = new PickleBytes()
                .ops("}")
                .op('q')
                .op(0)
                .text("again")
                .op('h')
                .op(0)
                .op('s');
        assertThatThrownBy(() -> open(cycle)).isInstanceOf(IOException.class).hasMessageContaining("deep");
        PickleBytes wide = new PickleBytes().ops("}");
        for (int i = 0; i < 15; i++) { // each dictionary holds the one before it ten times
            wide.op('q').op(i).op('}').op('(');
            for (int j = 0; j < 10; j++) {
                wide.text("" + j).op('h').op(i);
            }
            wide.op('u');
        }
        assertThatThrownBy(() -> open(wide)).isInstanceOf(IOException.class).hasMessageContaining("16777216 of all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "1",
                "t",
                "R",
                "Q",
                "u",
                "(u",
                "a",
                "h!",
                "b",
                "}NNR",
                "N",
                "]",
                "X\377\377\377\177",
                "c",
                "}(Nu"
            })
    void aBrokenPickleIsAnErrorWithItsPlace(String opcodes) {
        assertThatThrownBy(() -> open(new PickleBytes().ops(opcodes)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(folder.resolve("a.bin") + ": ")
                .hasMessageContaining("; expected ");
    }

    @Test
    void aZipThatLiesIsRefused() throws IOException {
        refusesZip("compressed", archive(weight()).compressed());
        refusesZip("leads out of the archive", archive(weight()).with("../../evil", (byte) 1));
        refusesZip("leads out of the archive", archive(weight()).with("/evil", (byte) 1));
        refusesZip("0 entries", new TorchArchiveFile().with("readme", (byte) 1));
        refusesZip("2 entries", archive(weight()).with("b/data.pkl", (byte) 1));
        refusesZip("TorchScript", archive(weight()).with("a/constants.pkl", (byte) 1));
        refusesZip("byte order \"big\"", archive(weight()).with("a/byteorder", "big".getBytes(StandardCharsets.UTF_8)));
    }

    private void refusesZip(String reason, TorchArchiveFile archive) throws IOException {
        Path file = archive.write(folder.resolve("a.bin"));
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason)
                .hasMessageContaining("; expected ");
    }

    @Test
    void aDirectoryThatLiesIsRefused() throws IOException {
        refusesPatched("overlap", zip -> zip.putInt(entry(zip, 1) + 42, 30 + "a/outer".length()), posing());
        refusesPatched("has its directory outside", zip -> zip.putInt(zip.limit() - 6, zip.limit()), archive(weight()));
        refusesPatched("size or place", zip -> zip.putInt(entry(zip, 1) + 24, 0x7fffffff), archive(weight()));
        refusesPatched("and promises", zip -> zip.putInt(entry(zip, 1) + 24, 23), archive(weight()));
        refusesPatched("something else", zip -> zip.putInt(entry(zip, 1) + 42, 1), archive(weight()));
        refusesPatched("encrypted", zip -> zip.putShort(entry(zip, 1) + 8, (short) 1), archive(weight()));
        refusesPatched("ends before its directory", zip -> zip.putInt(zip.limit() - 22, 0), archive(weight()));
        refusesPatched("broken directory", zip -> zip.putInt(entry(zip, 1), 0), archive(weight()));
    }

    private void refusesPatched(String reason, Consumer<ByteBuffer> patch, TorchArchiveFile archive)
            throws IOException {
        Path file = archive.write(folder.resolve("a.bin"));
        ByteBuffer zip = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        patch.accept(zip);
        Files.write(file, zip.array());
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(reason);
    }

    /** The first entry's data hold a header that could be the second one's. */
    private static TorchArchiveFile posing() {
        byte[] inner = new byte[64];
        ByteBuffer.wrap(inner).order(ByteOrder.LITTLE_ENDIAN).putInt(0x04034b50).putShort(26, (short) 8);
        System.arraycopy("a/data/0".getBytes(StandardCharsets.UTF_8), 0, inner, 30, 8);
        return new TorchArchiveFile().with("a/outer", inner).with("a/data/0", new byte[24]);
    }

    /** The position of a directory entry. */
    private static int entry(ByteBuffer zip, int number) {
        int at = zip.getInt(zip.limit() - 6);
        for (int i = 0; i < number; i++) {
            at += 46 + zip.getShort(at + 28) + zip.getShort(at + 30);
        }
        return at;
    }

    @Test
    void everyTruncationIsAnError() throws IOException {
        byte[] whole = Files.readAllBytes(archive(weight()).write(folder.resolve("whole.bin")));
        Path file = folder.resolve("cut.bin");
        for (int length = 0; length < whole.length; length += 7) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Checkpoint.open(file)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void moreOpcodesThanWeightsNeedAreRefused() {
        assertThatThrownBy(() -> open(new PickleBytes().ops("]".repeat(1_000_001))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("more than 1000000 opcodes");
    }

    @Test
    void callsWithinCallsEndInAnError() {
        PickleBytes pickle = new PickleBytes();
        String function = "ctorch._tensor\n_rebuild_from_type_v2\n";
        pickle.ops((function + "(" + function + "N").repeat(100_000)).ops(")N" + "tNtR".repeat(100_000));
        assertThatThrownBy(() -> open(pickle)).isInstanceOf(IOException.class).hasMessageContaining("wrong kind");
    }

    @Test
    void changedBytesOpenOrAreRefused() throws IOException {
        byte[] whole = Files.readAllBytes(archive(weight()).write(folder.resolve("whole.bin")));
        Random random = new Random(7);
        Path file = folder.resolve("changed.bin");
        int refused = 0;
        for (int i = 0; i < 3000; i++) {
            byte[] changed = whole.clone();
            for (int j = 0; j <= i % 3; j++) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, changed);
            try (Checkpoint checkpoint = Checkpoint.open(file)) {
                for (String name : checkpoint.tensors().keySet()) {
                    checkpoint.read(name, manager).close();
                }
            } catch (IOException e) {
                assertThat(e).hasMessageStartingWith(file + ": ").hasMessageContaining("; expected ");
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 2999);
    }

    @Test
    void aPointerOfGitLfsSaysWhatToDo() throws IOException {
        Path file = Files.writeString(
                folder.resolve("a.bin"), "version https://git-lfs.github.com/spec/v1\noid sha256:0\n");
        assertThatThrownBy(() -> Checkpoint.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("git lfs pull");
    }

    private static PickleBytes weight() {
        return new PickleBytes()
                .dict()
                .text("w")
                .tensor("0", 6, 0, new long[] {6}, 1)
                .end();
    }

    private static TorchArchiveFile archive(PickleBytes pickle) {
        return new TorchArchiveFile().pickle(pickle).storage("0", 1, 2, 3, 4, 5, 6);
    }

    private Checkpoint open(PickleBytes pickle) throws IOException {
        return Checkpoint.open(archive(pickle).write(folder.resolve("a.bin")));
    }

    private float[] floats(Checkpoint file, String name) throws IOException {
        try (NDArray array = file.read(name, manager)) {
            return array.toFloatArray();
        }
    }
}
