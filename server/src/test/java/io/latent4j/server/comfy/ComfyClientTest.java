package io.latent4j.server.comfy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client of others, written for ComfyUI, against the server; skipped where there is no Node.js or no registry of packages. */
final class ComfyClientTest {
    private static final int MINUTES = 3;

    @TempDir
    private Path folder;

    private int run(Path out, String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(List.of(command))
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
        } catch (IOException e) {
            return -1; // there is no such program
        }
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            return -1;
        }
        return process.exitValue();
    }

    @Test
    void runsAGraph() throws Exception {
        Path log = folder.resolve("log");
        assumeTrue(run(log, "node", "--version") == 0, "there is no Node.js");
        Files.writeString(folder.resolve("package.json"), "{\"private\": true, \"type\": \"module\"}");
        boolean installed = run(
                        log,
                        "npm",
                        "install",
                        "--no-audit",
                        "--no-fund",
                        "--ignore-scripts",
                        "@stable-canvas/comfyui-client@1.5.9",
                        "ws@8.18.0")
                == 0;
        assumeTrue(installed, "npm installs no packages here");
        try (InputStream script = ComfyClientTest.class.getResourceAsStream("client.mjs")) {
            Files.copy(script, folder.resolve("client.mjs"));
        }
        try (ModelRegistry registry = new ModelRegistry();
                Server server = Server.start(
                        ServerOptions.LOCAL.withPort(0),
                        registry,
                        new MemoryJobStore(),
                        QueueOptions.DEFAULT,
                        folder.resolve("data"))) {
            int code =
                    run(log, "node", "client.mjs", "127.0.0.1:" + server.uri().getPort());
            String told = Files.readString(log, StandardCharsets.UTF_8);
            assertThat(code).as(told).isZero();
            JsonObject result = JsonParser.parseString(
                            told.lines().filter(line -> line.startsWith("{")).reduce("", (a, b) -> b))
                    .getAsJsonObject();
            assertThat(result.getAsJsonArray("models").get(0).getAsString()).isEqualTo("embedded");
            assertThat(result.getAsJsonArray("steps")).isNotEmpty();
            assertThat(result.getAsJsonArray("sizes")).hasSize(2).allMatch(size -> size.getAsInt() > 100);
        }
    }
}
