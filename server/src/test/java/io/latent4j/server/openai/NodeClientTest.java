package io.latent4j.server.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.latent4j.server.Server;
import io.latent4j.server.ServerOptions;
import io.latent4j.service.queue.QueueOptions;
import io.latent4j.service.registry.ModelRegistry;
import io.latent4j.service.store.MemoryJobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's library for Node, where there is Node and npm reaches a registry. */
final class NodeClientTest {
    private static final Path CLIENT =
            Path.of(System.getProperty("latent4j.root"), "server", "src", "test", "clients", "openai");
    private static final String KEY = "a-key-of-this-test";

    @TempDir
    private Path data;

    /** What a program printed, and how it ended. */
    private record Run(int status, String output) {}

    @Test
    void takesTheServerForOpenAis() throws Exception {
        Path folder = Files.createDirectory(data.resolve("client"));
        for (String name : List.of("package.json", "client.mjs")) {
            Files.copy(CLIENT.resolve(name), folder.resolve(name));
        }
        install(folder);
        try (ModelRegistry registry = new ModelRegistry();
                Server server = Server.start(
                        ServerOptions.LOCAL.withPort(0).withKeys(List.of(KEY)),
                        registry,
                        new MemoryJobStore(),
                        QueueOptions.DEFAULT,
                        data.resolve("server"))) {
            Run run = run(folder, "node", "client.mjs", server.uri() + "v1", KEY);
            assertThat(run.output()).endsWith("all is well\n");
            assertThat(run.status()).isZero();
        }
    }

    private void install(Path folder) throws InterruptedException {
        try {
            Run run = run(
                    folder,
                    "npm",
                    "install",
                    "--no-audit",
                    "--no-fund",
                    "--ignore-scripts",
                    "--no-package-lock",
                    "--cache",
                    data.resolve("npm").toString());
            if (run.status() != 0) {
                abort("npm cannot install OpenAI's library: " + run.output());
            }
        } catch (IOException e) {
            abort("there is no npm: " + e.getMessage());
        }
    }

    private Run run(Path folder, String... command) throws IOException, InterruptedException {
        Path output = data.resolve(command[0] + ".txt");
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            return new Run(ended ? process.exitValue() : -1, Files.readString(output, StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly();
        }
    }
}
