package io.latent4j.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.latent4j.cli.CommandRun;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ServeCommandTest {
    @TempDir
    private Path folder;

    @Test
    void servesUntilItIsAskedToEnd() throws Exception {
        Path log = folder.resolve("log");
        try (ServedProcess server = ServedProcess.start(folder.resolve("data"), log)) {
            assertThat(server.uri().getHost()).isEqualTo("127.0.0.1");
            assertThat(server.get("/readyz").body()).isEqualTo("ok");
            assertThat(server.post("/api/jobs", "{\"prompt\": \"a secret\", \"steps\": 2}")
                            .statusCode())
                    .isEqualTo(202);
            assertThat(server.end()).isEqualTo(143); // of SIGTERM
        }
        assertThat(Files.readString(log))
                .contains("POST /api/jobs 202")
                .doesNotContain("secret")
                .doesNotContain("Exception");
        try (ServedProcess again = ServedProcess.start(folder.resolve("data"), log)) {
            assertThat(again.json("/api/jobs").getAsJsonArray("jobs")).hasSize(1);
        }
    }

    @Test
    void opensNoModelThatDoesNotFit() throws Exception {
        Path shapes = Path.of("../model-shapes/src/main/resources/latent4j/embedded-model");
        try (ServedProcess server = ServedProcess.start(
                folder.resolve("data"),
                folder.resolve("log"),
                "--model",
                "large=" + shapes,
                "--model-memory",
                "0.01")) {
            HttpResponse<String> refused =
                    server.post("/api/image", "{\"prompt\": \"a\", \"steps\": 1, \"model\": \"large\"}");
            assertThat(refused.statusCode()).as(refused.body()).isBetween(400, 500);
            assertThat(refused.body()).contains("the model large takes").contains("GiB for models");
        }
    }

    @Test
    void refusesWhatCannotBeRight() throws IOException {
        String data = folder.resolve("data").toString();
        assertThat(CommandRun.of("serve", "--data", data, "--host", "0.0.0.0").err())
                .contains("without asking for a key")
                .contains("--api-key-file");
        assertThat(CommandRun.of("serve", "--data", data, "--tls-cert", "cert.pem")
                        .message())
                .contains("--tls-key");
        assertThat(CommandRun.of("serve", "--data", data, "--model", "a=" + folder.resolve("none"))
                        .code())
                .isNotZero();
        assertThat(CommandRun.of("serve", "--data", data, "--database", "jdbc:mysql://x/y")
                        .code())
                .isNotZero();
        assertThat(CommandRun.of("serve", "--data", data, "--allow-priority", "ada")
                        .message())
                .contains("ada")
                .contains("expected all");
        assertThat(CommandRun.of("serve", "--data", data, "--model-memory", "0").message())
                .contains("--model-memory is 0.0");
        assertThat(CommandRun.of("serve", "--data", data, "--public-url", "images.example.com")
                        .message())
                .contains("images.example.com")
                .contains("https");
        try (ServerSocket taken = new ServerSocket(0)) {
            CommandRun run = CommandRun.of("serve", "--data", data, "--port", "" + taken.getLocalPort());
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.message()).contains("" + taken.getLocalPort()).contains("port");
        }
    }

    @Test
    void makesAKeyThatOthersCannotRead() throws IOException {
        Path file = folder.resolve("key.txt");
        List<String> keys = KeyFile.read(file);
        assertThat(keys).hasSize(1).allMatch(key -> key.length() >= 32);
        assertThat(KeyFile.read(file)).isEqualTo(keys);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        Files.writeString(file, "# of the page\n\nfirst-key-0123456789\nsecond-key-0123456789\n");
        assertThat(KeyFile.read(file)).containsExactly("first-key-0123456789", "second-key-0123456789");
    }

    @Test
    void dataLiesWhereTheSystemWantsIt() {
        Path user = Path.of("/home/ada");
        assertThat(DataFolder.of("Linux", Map.of(), user)).isEqualTo(user.resolve(".local/share/latent4j"));
        assertThat(DataFolder.of("Linux", Map.of("XDG_DATA_HOME", "/data"), user))
                .isEqualTo(Path.of("/data/latent4j"));
        assertThat(DataFolder.of("Linux", Map.of("XDG_DATA_HOME", "here"), user))
                .isEqualTo(user.resolve(".local/share/latent4j"));
        assertThat(DataFolder.of("Mac OS X", Map.of(), user))
                .isEqualTo(user.resolve("Library/Application Support/latent4j"));
        assertThat(DataFolder.of("Windows 11", Map.of("LOCALAPPDATA", "/local"), user))
                .isEqualTo(Path.of("/local/latent4j"));
    }
}
