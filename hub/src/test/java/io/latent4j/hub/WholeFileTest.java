package io.latent4j.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WholeFileTest {
    @TempDir
    private Path folder;

    private Path place;

    @BeforeEach
    void name() {
        place = folder.resolve("main");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void replacesTheFileAtTheEndAlone() throws IOException {
        Files.writeString(place, "old");
        WholeFile.write(place, file -> {
            file.write(bytes("new"));
            assertThat(place).hasContent("old");
        });
        assertThat(place).hasContent("new");
        assertThat(names()).containsExactly("main");
    }

    @Test
    void aFailureLeavesWhatWasThere() throws IOException {
        Files.writeString(place, "old");
        assertThatThrownBy(() -> WholeFile.write(place, file -> {
                    file.write(bytes("ne"));
                    throw new IOException("no space left");
                }))
                .hasMessage("no space left");
        assertThat(place).hasContent("old");
        assertThat(names()).containsExactly("main");
    }

    @Test
    void ofManyAtOnceEachIsWhole() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (Future<Boolean> end : threads.invokeAll(Collections.<Callable<Boolean>>nCopies(64, () -> {
                WholeFile.write(place, file -> {
                    file.write(bytes("who"));
                    file.write(bytes("le"));
                });
                return true;
            }))) {
                assertThat(end.get()).isTrue();
                assertThat(place).hasContent("whole");
            }
        } finally {
            threads.shutdown();
        }
        assertThat(names()).containsExactly("main");
    }

    @Test
    void whatOnlyLooksLikeOneStays() throws IOException {
        for (String name : List.of(".latent4j-x.incomplete", "weights.incomplete", ".latent4j-1-a.draft")) {
            Files.writeString(folder.resolve(name), name);
        }
        WholeFile.write(place, file -> {});
        assertThat(names()).hasSize(4);
    }

    /** While its process lives it stays; when that is killed the next write deletes it. */
    @Test
    void filesOfKilledProcessesAreDeleted() throws IOException, InterruptedException {
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        place.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(out.readLine()).isEqualTo("half written");
            WholeFile.write(place, file -> file.write(bytes("whole")));
            assertThat(names()).hasSize(2);
        } finally {
            child.destroyForcibly().waitFor();
        }
        WholeFile.write(place, file -> file.write(bytes("whole")));
        assertThat(names()).containsExactly("main");
        assertThat(place).hasContent("whole");
    }

    /** Writes half a file and waits to be killed. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws IOException {
            WholeFile.write(Path.of(arguments[0]), Child::half);
        }

        private static void half(FileChannel file) throws IOException {
            file.write(bytes("ha"));
            System.out.println("half written");
            while (System.in.read() >= 0) {
                // until it is killed
            }
            throw new IOException("nobody killed it");
        }
    }
}
