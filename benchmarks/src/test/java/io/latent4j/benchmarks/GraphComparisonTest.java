package io.latent4j.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.core.config.Config;
import io.latent4j.core.nn.Precision;
import io.latent4j.core.weights.SafeTensors;
import io.latent4j.unet.UNet2DConditionConfig;
import io.latent4j.unet.UNet2DConditionModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GraphComparisonTest {
    @TempDir
    private Path folder;

    private final ByteArrayOutputStream told = new ByteArrayOutputStream();

    /** Weights of zero, so that the model answers zeros. */
    @BeforeEach
    void writeModel() throws IOException {
        JsonObject json = JsonParser.parseString("""
                {"sample_size": 4, "in_channels": 4, "out_channels": 4, "down_block_types": ["CrossAttnDownBlock2D"],
                 "up_block_types": ["CrossAttnUpBlock2D"], "block_out_channels": [8], "layers_per_block": 1,
                 "norm_num_groups": 4, "cross_attention_dim": 8, "attention_head_dim": 2}
                """).getAsJsonObject();
        Files.writeString(folder.resolve("config.json"), json.toString());
        UNet2DConditionModel unet = new UNet2DConditionModel(UNet2DConditionConfig.from(Config.of("test", json)));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Map<String, NDArray> weights = new HashMap<>();
            unet.shapes().forEach((key, shape) -> weights.put(key, manager.zeros(shape)));
            SafeTensors.write(folder.resolve("diffusion_pytorch_model.safetensors"), weights, Map.of());
        }
    }

    @Test
    void tellsDifferencesAndRatios() throws IOException {
        run(graph("torch.add(torch.mul(sample, 0.), 0.25)"));

        assertThat(told.toString(StandardCharsets.UTF_8))
                .contains("answers (2, 4, 4, 4); largest difference 0.250, root mean square 0.250 of the graph's 0.250")
                .containsPattern("clock, s +[0-9.]+ +[0-9.]+ +[0-9.]+")
                .containsPattern("processor, s +[0-9.]+ +[0-9.]+ +");
    }

    @Test
    void refusesAGraphOfAnotherNetwork() throws IOException {
        Path graph = graph("states");

        assertThatThrownBy(() -> run(graph))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the graph answers (2, 77, 8) and the model of the folder (2, 4, 4, 4); expected a graph of"
                        + " the same network");
    }

    private void run(Path graph) throws IOException {
        GraphComparison.run(folder, graph, Precision.FLOAT32, 1, new PrintStream(told, true, StandardCharsets.UTF_8));
    }

    /** A TorchScript file of a function of {@code sample}, {@code times} and {@code states}. */
    private Path graph(String value) throws IOException {
        String code = """
                class Graph(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                  def forward(self: __torch__.Graph, sample: Tensor, times: Tensor, states: Tensor) -> Tensor:
                    return %s
                """.formatted(value);
        // Protocol 2: an object of the class whose state is {'training': False}.
        String pickle = "\u0080\u0002c__torch__\nGraph\n)\u0081}X\u0008\0\0\0training\u0089sb.";
        Path file = folder.resolve("graph.pt");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            store(zip, "data.pkl", pickle);
            store(zip, "code/__torch__.py", code);
            store(zip, "constants.pkl", "\u0080\u0002).");
            store(zip, "version", "10\n");
        }
        return file;
    }

    private static void store(ZipOutputStream zip, String name, String content) throws IOException {
        byte[] bytes = content.getBytes(StandardCharsets.ISO_8859_1);
        ZipEntry entry = new ZipEntry("graph/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }
}
