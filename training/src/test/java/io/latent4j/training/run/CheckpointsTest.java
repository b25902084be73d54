package io.latent4j.training.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    @TempDir
    private Path folder;

    @Test
    void leaveOlderOnesAsTheyWereWhenOneCannotBeWritten() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = manager.create(new float[] {1, 2});
            Map<String, NDArray> arrays = Map.of("x", array);
            checkpoints.save(1, Map.of("parameters", arrays), new JsonObject());
            array.set(new float[] {3, 4});
            Map<String, Map<String, NDArray>> half = // the second file's folder is not there
                    ImmutableMap.of("parameters", arrays, "none/optimizer", arrays);
            assertThatThrownBy(() -> checkpoints.save(2, half, new JsonObject()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("step-00000002: the checkpoint could not be written (")
                    .hasMessageContaining("older ones are whole");
            Path newest = checkpoints.newest().orElseThrow();
            assertThat(Checkpoints.step(newest)).isEqualTo(1);
            Checkpoints.restore(newest, Map.of("parameters", arrays));
            assertThat(array.toFloatArray()).containsExactly(1, 2);
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(folder.resolve("step-00000001"));
        }
    }

    @Test
    void sayWhatToDoAboutAnotherOptimizer() throws IOException {
        Checkpoints checkpoints = new Checkpoints(folder, 1);
        try (NDManager manager = NDManager.newBaseManager()) {
            checkpoints.save(1, Map.of("optimizer", Map.of("x", manager.create(1f))), new JsonObject());
            Map<String, NDArray> other = new TreeMap<>();
            for (String name : new String[] {"a", "b", "c", "d", "e"}) {
                other.put(name, manager.create(1f));
            }
            Path newest = checkpoints.newest().orElseThrow();
            assertThatThrownBy(() -> Checkpoints.restore(newest, Map.of("optimizer", other)))
                    .isInstanceOf(OtherCheckpointException.class)
                    .hasMessage(newest.resolve("optimizer.safetensors")
                            + " is of another optimizer: a=missing, b=missing, c=missing and 2 more; go on with"
                            + " training.optimizer as it was, or begin anew in another output folder");
        }
    }
}
