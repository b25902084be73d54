package io.latent4j.core.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import io.latent4j.core.memory.NativeHeap;
import io.latent4j.core.nn.NamedBlock;
import io.latent4j.core.nn.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What loading takes beside the weights, where Linux tells. */
class LoadingMemoryTest {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final int SHARDS = 3;
    private static final Shape SHAPE = new Shape(4096, 4096); // 64 MB in float32
    private static final long BYTES = SHARDS * 4 * SHAPE.size();
    private static final long SLACK = 64 << 20; // a window of a file, and what the runtime does meanwhile

    @TempDir
    private Path folder;

    /** A layer a shard. */
    private static final class Layers extends NamedBlock {
        Layers() {
            for (int i = 0; i < SHARDS; i++) {
                parameter("layer" + i, Parameter.Type.WEIGHT, SHAPE.getShape());
            }
        }
    }

    @Test
    void loadingShardsTakesTheMemoryOfTheWeights() throws IOException {
        assumeThat(Files.isReadable(STATUS) && Files.isWritable(CLEAR)).isTrue();
        try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
            write(manager);
            load(manager, DataType.FLOAT32, BYTES);
            load(manager, DataType.FLOAT16, BYTES / 2);
            load(manager, DataType.BFLOAT16, BYTES / 2 + 4 * SHAPE.size()); // one layer in float32 on the way
        }
    }

    private void load(NDManager owner, DataType type, long expected) throws IOException {
        Layers layers = new Layers();
        try (NDManager manager = owner.newSubManager();
                Checkpoint weights = Checkpoint.open(folder, "model")) {
            NativeHeap.trim();
            Files.writeString(CLEAR, "5"); // the peak is counted anew
            long before = bytes("VmRSS:");
            layers.load(weights, manager, Precision.of(type), Optional::of);
            assertThat(bytes("VmHWM:") - before).as(type.toString()).isLessThan(expected + SLACK);
        }
    }

    private void write(NDManager manager) throws IOException {
        StringBuilder index = new StringBuilder();
        for (int i = 0; i < SHARDS; i++) {
            String file = "model-" + i + ".safetensors";
            TensorSource ones = new TensorSource(SHAPE, StoredType.F32, own -> own.ones(SHAPE));
            SafeTensors.write(folder.resolve(file), Map.of("layer" + i, ones), Map.of(), manager);
            index.append(i == 0 ? "" : ", ").append("\"layer" + i + "\": \"" + file + "\"");
        }
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {" + index + "}}");
    }

    private static long bytes(String name) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }
}
